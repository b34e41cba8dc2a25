package main

import (
	"strings"

	"dubhashi/gateway/newsletter"
)

// smtp checks an address that may hold a password: the value is not shown.
func (e *environment) smtp(name string) string {
	v := strings.TrimSpace(e.get(name))
	if v == "" {
		return ""
	}
	if _, err := newsletter.NewSMTP(newsletter.SMTPConfig{URL: v}); err != nil { // it does not dial
		e.tell("%s: %s (the value is not shown: it may hold a password)", name, err)
	}
	return v
}

// listmonk reads where lists are kept.
func (e *environment) listmonk() (c newsletter.ListmonkConfig) {
	const address, user, token = "DUBHASHI_LISTMONK_URL", "DUBHASHI_LISTMONK_USER", "DUBHASHI_LISTMONK_TOKEN"
	c.URL = strings.TrimSpace(e.get(address))
	c.User, c.Token = e.key(user), e.key(token)
	if c.URL != "" {
		if _, err := newsletter.NewListmonk(c); err != nil {
			e.tell("%s: %s (the value is not shown: it may hold a password)", address, err)
		}
	}
	switch {
	case c.URL == "" && (c.User != "" || c.Token != ""):
		e.tell("%s: is missing while a user or a token for it is set", address)
	case c.User != "" && c.Token == "":
		e.tell("%s: is missing for the user in %s", token, user)
	case c.User == "" && c.Token != "":
		e.tell("%s: is missing for the token in %s", user, token)
	case strings.Contains(c.User, ":"):
		e.tell("%s: may not hold a colon, which parts it from the token", user)
	}
	return c
}
