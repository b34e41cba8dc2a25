// Package jobs does long work in the background: it keeps each job's state,
// shares the work out among processes, tries again what failed for a while,
// reports progress, and tells of the end by a signed webhook.
//
// What the work is it does not know: a job is items of bytes, and Config.Run
// turns one item into bytes. It speaks no HTTP but for the webhooks, which go
// out through Config.Send, and never reads a job's bytes.
//
// # How nothing is lost and nothing done twice
//
// The record of a job in the KV is the truth; every change of it is a
// compare-and-swap, so that of two processes that end a job, or of one that
// ends and one that cancels it, exactly one succeeds. The queue (asynq over
// Redis, goqite in SQLite) carries tickets, which only say that a job may want
// work. A ticket may come twice or too late: whoever gets it looks at the
// record. A ticket is given back to the queue only when its job has ended, so
// that a job always has one.
//
// A process that runs jobs says every few seconds that it lives. When one has
// not for three beats, another sends new tickets for its jobs, and a ticket for
// a job whose process is dead takes it over. (asynq by itself needs one to two
// minutes for that.)
//
//	m := jobs.New(jobs.Config{KV: kv, DB: db, TTL: 7 * 24 * time.Hour, Concurrency: 4})
//	m.Start(func(ctx context.Context, t jobs.Task) jobs.Outcome {
//		return jobs.Outcome{Body: bytes.ToUpper(t.Payload)}
//	})
//	defer m.Close(ctx)
//	job, err := m.Submit(ctx, jobs.Submission{Owner: "me", Kind: "shout", Items: [][]byte{[]byte("hello")}})
package jobs
