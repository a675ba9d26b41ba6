package main

import "fmt"

func main() {
	fmt.Println("sum", crowd(func(int) {}), "deep", deep(3000))
	show()
}
