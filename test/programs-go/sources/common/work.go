package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

//go:embed data.txt
var data string

var big [200 << 20]byte

type point struct{ X, Y int }

func deep(n int) int {
	var pad [64]int
	pad[n%64] = n
	if n == 0 {
		return 0
	}
	return deep(n-1) + pad[n%64] - n + 1
}

func named() {
	defer func() {
		r := recover()
		s := string(debug.Stack())
		fmt.Println("panic", r, strings.Contains(s, "main.named"), strings.Contains(s, "work.go:"))
	}()
	var m map[string]int
	m["x"] = 1
}

// Goroutines with maps and garbage; each calls more at its end.
func crowd(more func(int)) int {
	var wg sync.WaitGroup
	res := make([]int, 100)
	for i := range res {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			m := map[int]string{}
			for j := 0; j < 2000; j++ {
				m[j] = fmt.Sprint(j * i)
			}
			res[i] = len(m)
			more(i)
		}(i)
	}
	wg.Wait()
	runtime.GC()
	sum := 0
	for _, r := range res {
		sum += r
	}
	return sum
}

// Reflection, a large .bss, embedded data, a panic, a server on loopback.
func show() {
	b, _ := json.Marshal(point{1, 2})
	fmt.Println(string(b), reflect.TypeOf(point{}).Field(1).Name)
	big[len(big)-1] = 7
	fmt.Println("big", big[0]+big[len(big)-1], strings.TrimSpace(data))
	named()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello ", r.URL.Path) }))
	resp, err := http.Get("http://" + l.Addr().String() + "/x")
	if err != nil {
		panic(err)
	}
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(string(body))
}
