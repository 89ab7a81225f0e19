// Command etcd is the etcd server: upstream's own main package can't be fetched by `go build` without its repository.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
