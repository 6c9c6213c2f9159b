package db

import (
	"slices"
	"strings"
)

// Source is a place where customers come from, as the vendor lists them (openapi.yaml, Sources).
type Source struct {
	Name     string
	ID       int64    // the vendor's number for it
	Accounts bool     // has several accounts, so that an accountId is needed
	Channels []string // communication channels at home in it
}

var sourceList = []Source{
	{"FACEBOOK", 1, true, []string{"email", "mobile"}},
	{"WEB_ENGAGE", 2, true, []string{"android", "email", "ios", "mobile"}},
	{"WECHAT", 3, true, []string{"email", "mobile", "wechat"}},
	{"INSTORE", 5, false, []string{"email", "mobile", "postmail", "whatsapp"}},
	{"MARTJACK", 6, false, []string{"email", "whatsapp"}},
	{"TMALL", 7, false, []string{"mobile"}},
	{"TAOBAO", 8, false, []string{"email"}},
	{"JD", 9, false, []string{"email"}},
	{"ECOMMERCE", 10, false, []string{"email", "mobile", "whatsapp"}},
	{"WEBSITE", 11, false, []string{"android", "email", "ios", "mobile", "wechat", "whatsapp"}},
	{"LINE", 12, true, []string{"email", "line"}},
	{"MOBILE_APP", 18, true, []string{"android", "ios", "whatsapp"}},
}

// The types of identifiers and of communication channels, spelled as they are answered.
var (
	identifierTypes = []string{"mobile", "email", "externalId", "wechat", "martjackId", "fbId", "unionId", "cuid",
		"tmall_uname", "ali_uname", "jd_uname", "vip_uname", "line", "ecommId"}
	channelTypes = []string{"email", "mobile", "wechat", "ios", "android", "line", "mobilePush", "whatsapp", "viber", "postmail"}
)

var (
	sourceByKey     = map[string]*Source{}
	identifierByKey = map[string]string{}
	channelByKey    = map[string]string{}
)

func init() {
	for i := range sourceList {
		sourceByKey[vocabularyKey(sourceList[i].Name)] = &sourceList[i]
	}
	for _, t := range identifierTypes {
		identifierByKey[vocabularyKey(t)] = t
	}
	for _, t := range channelTypes {
		channelByKey[vocabularyKey(t)] = t
	}
}

// separators takes out what does not count; it is made once, as making it costs more than a lookup.
var separators = strings.NewReplacer("_", "", "-", "")

// vocabularyKey folds what the vendor's own pages spell in several ways: case, `_` and `-` do not count.
func vocabularyKey(s string) string {
	return strings.ToLower(separators.Replace(strings.TrimSpace(s)))
}

// parseWord finds a word of a vocabulary in any spelling, and gives the canonical one.
func parseWord(words []string, sent string) (string, bool) {
	i := slices.IndexFunc(words, func(w string) bool { return vocabularyKey(w) == vocabularyKey(sent) })
	if i < 0 {
		return "", false
	}
	return words[i], true
}

// Sources are all that an org can switch on.
func Sources() []Source { return sourceList }

// SourceNames are the names of Sources.
func SourceNames() (names []string) {
	for _, s := range sourceList {
		names = append(names, s.Name)
	}
	return names
}

// IdentifierTypes are all there are, as they are answered.
func IdentifierTypes() []string { return slices.Clone(identifierTypes) }

// ChannelTypes are all there are, as they are answered.
func ChannelTypes() []string { return slices.Clone(channelTypes) }

// ParseSource finds a source by its name in any case.
func ParseSource(name string) (Source, bool) {
	s, ok := sourceByKey[vocabularyKey(name)]
	if !ok {
		return Source{}, false
	}
	return *s, true
}

// ParseIdentifierType gives the canonical spelling of an identifier's type, or false.
func ParseIdentifierType(name string) (string, bool) {
	t, ok := identifierByKey[vocabularyKey(name)]
	return t, ok
}

// ParseChannelType gives the canonical spelling of a communication channel's type, or false.
func ParseChannelType(name string) (string, bool) {
	t, ok := channelByKey[vocabularyKey(name)]
	return t, ok
}

func (s Source) hasChannel(t string) bool {
	return slices.Contains(s.Channels, t)
}
