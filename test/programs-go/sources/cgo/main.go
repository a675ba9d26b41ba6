package main

/*
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
static __thread int counter;
static int started;
__attribute__((constructor)) static void start(void) { started = 42; }
static int bump(int by) { counter += by; return counter; }
static int get_started(void) { return started; }
extern int goCallback(int);
static int call_back(int n) { return goCallback(n) + 1; }
static int fail(void) { errno = ENOENT; return -1; }
*/
import "C"

import (
	"fmt"
	"os/user"
	"runtime"
)

//export goCallback
func goCallback(n C.int) C.int { return n * 2 }

func main() {
	sum := crowd(func(i int) {
		runtime.LockOSThread()
		C.bump(C.int(1))
		if int(C.call_back(C.int(i))) != 2*i+1 {
			panic("callback")
		}
	})
	fmt.Println("sum", sum, "deep", deep(3000), "started", C.get_started())
	_, err := C.fail()
	fmt.Println("errno", err)
	show()
	u, err := user.Current()
	fmt.Println(u != nil, err)
}
