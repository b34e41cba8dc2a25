// Package fetch is the only way to reach a URL that a caller gave: a page to
// translate, a feed, a webhook. It lets nobody use the gateway to look into the
// network that the gateway stands in.
//
//	f := fetch.New(fetch.Config{Version: "1.2.0", Allow: []string{"intranet.example"}})
//	page, err := f.Get(ctx, "https://news.example/story", fetch.Article...)
//	// page.Body is UTF-8 text, page.Type its media type, page.FinalURL where it was
//
// # What is reached
//
// http:// and https:// on the ports that the web uses (see badPorts), at public
// addresses alone. A name is looked up by the dial itself, and the very address
// that is dialled is judged before the first packet goes out, so that neither a
// redirect nor a name that changes its address gets past it. A host written in a
// number's other forms (2130706433, 0x7f.1, 0177.0.0.1, 127.1) is refused; one
// with full-width digits or other dots is mapped (Unicode TS #46) and then
// judged; a user name, a zone and a backslash are refused. Allow lifts the block
// on addresses for the hosts and nets in it, and for them only.
//
// What is refused is refused with one text, whatever the reason, and without a
// packet to it: neither answer nor time tells what listens in a private network.
//
// # What it never does
//
// It uses no proxy, keeps and sends no cookie, credential or Referer, follows at
// most [MaxRedirects] redirects, each judged like the first URL, and none of a
// POST. It keeps no connection. The header, the body as it comes, the body when
// it is unpacked, the time to connect, to answer and in all, and the number of
// fetches at once and of one host are bounded.
package fetch
