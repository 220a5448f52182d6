// server.go PORT - the judge of apps.py on Go's net/http.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var order = regexp.MustCompile(`\[\[(points|wait|pad) (\d+)\]\]`)

type object map[string]any

func main() {
	asked, err := os.OpenFile(os.Getenv("ASKED"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	judge := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		found := map[string]string{}
		for _, m := range order.FindAllSubmatch(body, -1) {
			found[string(m[1])] = string(m[2])
		}
		wait, _ := strconv.Atoi(found["wait"])
		time.Sleep(time.Duration(wait) * time.Millisecond)
		io.WriteString(asked, found["points"]+"\n")
		pad, _ := strconv.Atoi(found["pad"])
		w.Header().Set("Content-Type", "application/json")
		if os.Getenv("CLOSE") == "1" {
			w.Header().Set("Connection", "close")
		}
		json.NewEncoder(w).Encode(object{"pad": strings.Repeat("x", pad), "choices": []object{{"index": 0,
			"message":       object{"role": "assistant", "content": found["points"]},
			"finish_reason": "stop"}}})
	}
	server := http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: http.HandlerFunc(judge)}
	if idle, err := time.ParseDuration(os.Getenv("IDLE") + "s"); err == nil {
		server.IdleTimeout = idle
	}
	log.Fatal(server.ListenAndServe())
}
