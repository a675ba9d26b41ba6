// iostream, exceptions through frames and threads, thread_local with destructors, static initialisation, RTTI. Exit status 5.
#include <atomic>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct Base { virtual ~Base() = default; virtual std::string name() const = 0; };
struct Derived : Base { std::string name() const override { return "derived"; } };

struct Noisy {
  explicit Noisy(const char *text) : text(text) { std::cout << "begin " << text << '\n'; }
  ~Noisy() { std::cout << "end " << text << std::endl; }
  const char *text;
};
static Noisy global("global");
static std::map<std::string, int> table = {{"one", 1}, {"two", 2}};

static std::atomic<int> ended{0};
struct PerThread { int value = 30; ~PerThread() { ended++; } };
static thread_local PerThread mine;

template <typename T> T largest(const std::vector<T> &all) {
  if (all.empty()) throw std::out_of_range("nothing in it");
  T best = all[0];
  for (const T &each : all) if (best < each) best = each;
  return best;
}

static int deep(int level) {
  std::unique_ptr<std::string> guard(new std::string("guard"));
  if (level == 0) throw std::runtime_error("bottom");
  return deep(level - 1) + static_cast<int>(guard->size());
}

int main() {
  try {
    deep(20);
  } catch (const std::exception &problem) {
    std::cout << "caught " << problem.what() << '\n';
  }
  try {
    largest(std::vector<int>());
  } catch (const std::logic_error &problem) {
    std::cout << "logic " << problem.what() << '\n';
  }
  try {
    std::unique_ptr<Base> base(new Derived);
    std::cout << base->name() << ' ' << (dynamic_cast<Derived *>(base.get()) != nullptr) << '\n';
    std::stoi("no number");
  } catch (const std::invalid_argument &) {
    std::cout << "invalid argument\n";
  }
  std::vector<std::thread> threads;
  std::mutex lock;
  int sum = 0;
  for (int i = 0; i < 4; i++)
    threads.emplace_back([&, i] {
      mine.value += i;
      std::lock_guard<std::mutex> hold(lock);
      sum += mine.value;
    });
  for (auto &thread : threads) thread.join();
  std::cout << "sum " << sum << " ended " << ended << " own " << mine.value << '\n';
  auto later = std::async(std::launch::async, []() -> int { throw 42; });
  try {
    later.get();
  } catch (int number) {
    std::cout << "across threads " << number << '\n';
  }
  std::ostringstream text;
  text << std::hex << 255 << ' ' << 1.5 << ' ' << table["two"];
  std::cout << text.str() << ' ' << std::regex_match("abc", std::regex("a.c")) << '\n';
  return 5;
}
