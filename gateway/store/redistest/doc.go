// Package redistest starts private Redis servers for tests: on loopback, on a
// free port, without persistence, in a folder of their own. A test can stop,
// kill, pause, resume and restart its server and thereby see every way in
// which Redis fails. It never touches a server that it has not started.
//
// Where there is no redis-server, [Start] skips the test with a line that says
// so, unless the environment has REQUIRE_REDIS=1: then the test fails.
//
//	func TestOutage(t *testing.T) {
//		server := redistest.Start(t)
//		client, err := store.OpenRedis(server.URL())
//		…
//		server.Kill()    // as kill -9 does
//		server.Restart() // on the same port
//	}
package redistest
