package article

import (
	"math/bits"
	"strings"
	"sync"
)

// The word lists by which Detect tells languages that share a script. They hold
// function words, which every running text is full of and no list of names has;
// a few frequent verbs stand beside them where a language writes its function
// words as endings. A word that several languages have counts for each of them.

// Devanagari: Hindi against its neighbours.
const (
	hindiWords = `में है हैं से ने और यह कि इस था थी थे नहीं भी गया गई गयी गए गये लिए लिये किया कीजिए वह उन उस
उन्होंने इन्होंने उन्हें इन्हें साथ बाद अपने अपनी अपना तक द्वारा लेकिन हुए हुई हुआ दिया दी करते करता करती करना करने
इसके इसकी इसका इसमें इससे इसे उनके उनकी उनका उनसे उसके उसकी उसका उसे उसने इसने जिसके जिसकी जिसमें जिससे जिसे जिन
मैं हम आप हूं हूँ हो होता होती होने होना होगा होगी होंगे रहा रही रहे सकता सकती सकते चाहिए वाले वाली वाला क्या क्यों
कैसे कब कहां कहाँ कौन यहां यहाँ वहां वहाँ एक जो तो ही कोई कुछ सभी जब तब अब अगर यदि क्योंकि ताकि बल्कि मेरा मेरी मेरे
हमारा हमारी हमारे आपका आपकी आपके तुम मुझे हमें आपको उनको इसको उसको कहा जाता जाती जाते जाएगा जाएगी लगा लगी दिए कर गईं
थीं रहीं होगें ये वे जैसे बहुत बारे पहले खिलाफ दौरान अनुसार`
	hindiWeak = `के की का को पर या न हर दो तीन`

	marathiWords = `आहे आहेत नाही नाहीत आणि झाला झाली झाले झालेल्या केला केली केले केलेल्या करण्यात येणार आले आली आला असून असे असा अशी
असलेल्या असल्याचे असल्याने असल्यास म्हणाले म्हणून म्हणजे त्या त्यांनी त्यांच्या त्यांना त्याच्या त्याने त्यामुळे यांनी
यांच्या यांना याच्या यामुळे यासाठी पण किंवा मध्ये साठी आपल्या आपण काही सुरू दिले होणार हे हा ते करून घेऊन देऊन जाऊन
मोठ्या अनेकांना सर्व पाहिजे नये कोणतेही कोणत्याही आपला आपली जर येथे करा करू करणे असणे फक्त नको मला मागे आणखी निवडा शकता शकते शकतो यंदा तुम्ही तुमच्या आम्ही आमच्या व दिली`
	nepaliWords = `छ छन् छैन छैनन् हुन् हुन्छ हुने हुनु हुँदा भइरहेको गर्न गर्ने गर्छ गर्दा गर्दै गर्नु गरेको गरेका गरी गरे गरियो गरिएको
भएको भएका भयो भई भने भन्ने भन्दै भनेका पनि थियो थिए थिइन् थिएन लागि उनले उनका यो त्यो आफ्नो आफ्ना आफ्नै बाट लाई सबै केही
अनि रहेको रहेका सक्ने सकिने दिएको दिने हाम्रो मेरो तपाईं तपाईंको उनीहरू हामी जुन अझै पर्ने पर्छ र मा यस भएन होइन कुनै अर्को गरेर भन्दा तपाईँ हुनुहुन्छ होस होस् सकिन्छ गरिन्छ गएको आएको`
	konkaniWords = `आनी आसा आसात जाल्लें जाला जाता जावन म्हूण म्हणलें करपाक ताका ताणें तांणी हें तें केल्लें आशिल्लें आशिल्लो उपरांत`
)

// Romanised Hindi. Spelling is free, so the lists hold the variants that people type.
const (
	hinglishWords = `hai hain hein hoon nahi nahin nahee naheen nhi kya kyaa kyun kyon kyu kyunki kyonki kaise kaisa kaisi kesi kese kahan kahaan kaun
kaunsa kaunsi kaunse konsa konsi konse kitna kitni kitne aur ka ki ke ko se mein mei bhi yeh woh voh unka unki unke uska uski uske iska
iski iske inka inki inke jiska jiski jiske unhone unhonne inhone inhonne usne isne jisne usko isko unko inko unhe unhen unhein inhe
inhen inhein usse isse unse inse isme ismein usme usmein jisme jismein mera meri teri tere tumhara tumhari tumhare apna apni apne
hamara hamari hamare humara humari humare aapka aapki aapke aapko aap mujhe muje mujhko mujhse tumhe tumhein hame hamein humein sabhi
sabse sabhee kuch kuchh koi kisi kisne lekin magar phir isliye taaki jaise waise aise aisa aisi jaisa jaisi itna itni wala wali wale
waala waali waale liye saath baad pehle pahle pehla pehli bahar baahar upar oopar neeche yahan yahaan yaha wahan wahaan vahan
waha aaj abhi kabhi hamesha bahut bohot bahot thoda thodi zyada jyada sirf haan karo karre karein karen kariye kijiye kijie kijiyega
kare karna karne karni karta karti karte karke kiya kiye kiyaa gaya gayi gaye gai hua hui huye raha rahi rahe rha rhi rhe hota hoti
hote hona hone honi hoga hogi honge tha thi thee diya diye dijiye dijie dena dene deni deta deti dete lijiye lena lene leni leta leti
lete jao jaaye jaye jaana jana jaane jaati jaata jata jati jate aao aaye aayi aaya aana aane aata aati aate batao bataye bataiye bataen
batayen batayein dikhao dikhaye dikhaiye dikhaen dikhayen dikhayein sunao sunaye sunaiye sunaen lagao lagaye lagaiye lagaen bhejo bheje
bhejen bhejein bhejiye bhejna chalao chalaye chalaiye chalaen bajao bajaye bajaiye rakho rakhe rakhen rakhna rakhiye banao banaye
banaiye banaen banana hatao hataye hataiye hataen roko rokey rokiye rokna shuru chalu daalo dalo dalen jodo joden jode puchho pucho
puchiye puche dekho dekhe dekhna dekhen sakta sakti sakte saki chahiye chahie chahta chahti chahte kaha kahaa bola milegi milega
milenge lagi lagta wapas vapas dobara dubara tak andar dwara dvara khilaf khilaaf jaisey kyoki nai nayi naya accha acha achha acchi
achchi achi bada badi bade kam chal chalo mujh yani matlab sakenge zaroor jarur jaroor bich taraf baare dauran dauraan mutabik anusaar
ghante baje subah shaam raat dopahar hafte mahine saal agle agla agli pichle pichla pichli ek chaar paanch yaad dilaye dilao dilana
dilaen dilaiye hun hu kardo kardijiye karwao jayega jayegi jaega jaegi aaega lekar jisse kisko kiski kiske kiska kitnee bolo likho
kholo padho suno ruko khatam sarkaar sarkar pradhanmantri mukhyamantri mantri logon baarish barish mausam giravat faisla faisle
jaankari jankari khabar kisanon chunav zameen zindagi duniya desh shahar gaon ne kar jo kal`
	// Words that are also English or a name: they count beside a certain one only.
	hinglishWeak = `lie niche me main mai to hi he ho par pe na mat ji tab ab us is in do de le lo the fir ya hum jane gana gaana so un log bat baat din das sab band
beech mere bare hue jab agar tum naye pata laga taki bole mila bina saka itne tera teen kale dale`
)

const englishWords = `the of and to in a is that for on with as was at by an be from it are this have has had not but were they which or his her
he she we you who will would been their its there when more if about can all what one said could than into after also our my your do does
did how why no so up out them these those other some over just only new two most many such between under while where because through
during before should may might must being very any each both own then now against until per says make take us me him i am i'm don't it's
didn't doesn't isn't can't won't that's there's he's she's they're we're you're i've i'll without among within around since several
still every another like back even well much here again never too off down get got going yet upon whose whom let please said made went came says told`

// The other languages of the Latin script that an Indian newsroom may meet: one
// line each, told as "not Hindi, not English" and not further apart.
var foreignWords = []string{
	// French
	`le la les de des du un une et est en que qui dans pour pas sur au aux avec ce cette ces il elle ils elles nous vous je ne se son sa ses mais
par plus ou où sont été était ont être avoir fait leur leurs même comme tout faut bien aussi très après selon c'est d'un d'une qu'il n'est lors
entre deux sans leur dont ainsi donc votre notre peut cet a y à`,
	// German
	`der die das und ist nicht ein eine einen einem einer zu den von mit auf für im dem des sich auch es wird werden als bei aus nach wurde wurden sind
oder dass sie er wir ich hat haben noch nur über vor durch um kann mehr wenn sein seine mein meine war am zum zur wie aber diese dieser muss bis keine
ihr ihre unter gegen zwischen einmal soll müssen können`,
	// Spanish
	`el la los las de del y en que un una es por con para no se su sus al lo como más pero este esta estos estas fue son ha han ser está están
también entre sobre cuando muy ya hasta desde donde sin según había hay tiene puede todo todos años fueron qué o si nos mi me le les debe uno cada`,
	// Italian
	`il lo la i gli le di e è un una che non per con del della dei delle nel nella al alla sono si da come più ma questo questa anche ha hanno essere
stato stata dal dalla sul sulla suo sua loro ci se o quando dopo tra molto tutti l' dell'`,
	// Portuguese
	`o a os as de do da dos das e em que um uma no na nos nas por para com não se é ao à mais como mas foi são ser seu sua pelo pela também entre
já está estão muito quando até depois sobre ele ela eles sem ou isso este esta tem foram`,
	// Dutch
	`de het een en van in is dat op te zijn voor met niet aan er om ook als maar bij uit door naar dit die heeft hebben werd worden wordt nog over
deze meer kan geen zich moet u of wel hij ze wij ik tot wat`,
	// Indonesian, Malay
	`yang dan di ini itu dengan untuk dari pada dalam tidak akan adalah oleh juga ke ada atau sebagai karena telah sudah bisa dapat mereka kami kita anda
saya dia lebih banyak tersebut bagi para namun harus belum setelah antara kepada bahwa boleh seperti nilai satu bukan perlu`,
	// Turkish
	`ve bir bu için ile olarak da de çok daha olan gibi ne ancak kadar sonra olduğu değil var her ise en o mi ya veya göre olduğunu tarafından
lütfen bunu şu değer geçerli olmalıdır`,
	// Polish
	`w i na z się nie do że jest to o jak po od za przez dla oraz ale czy być są może tego tym który która które także jego pod już lub przed ze roku
ten ta tej jego był była musi proszę`,
	// Vietnamese
	`và của là có không cho được các một những người trong với này để đã từ khi đến về như trên phải tại cũng vào ra sẽ hay bị nhiều lại đó sau theo`,
	// Swedish, Danish, Norwegian
	`och att det som en på är av för med till den har inte om ett de var men så från kan eller vid efter också när ska måste denna detta
og at er på til af med ikke et der men så fra vil også efter være skal blev har må kun denne dette eller etter ble det som`,
	// Finnish, Estonian
	`ja on ei että se oli mutta kun myös ovat hän tai jos niin kuin ole mitä vain nyt sen tämä joka jotka voi olla tämän ei ole
ning see oma või kui mis oli aga seda selle pole ka peab`,
	// Romanian
	`și în de la cu nu o un pe este care din pentru că sunt mai au fost ca prin sau acest această către după dar său sa ale lui`,
	// Czech, Slovak
	`a v na se je že s z do to i k o pro za by jako podle ale po od ve aby jsou bylo byl není který která které také až nebo jen při
sa vo ako že pre sú nie bol bolo ktorý alebo už len tento musí být`,
	// Hungarian
	`a az és hogy nem is egy meg de ez van volt csak el ki már mint vagy még azt ha kell lesz után szerint nincs`,
	// Croatian, Serbian, Bosnian, Slovenian
	`i u je na se da za od su s o a ne kao to koji koja koje nije bi ili biti sam ali iz po može samo te ovo ova ovaj
in je v na za ki ni so ali tudi kot lahko bo`,
	// Catalan
	`el la els les de del i en que un una és per amb no es al com més però aquest aquesta són ha van seu seva també sobre aquests o`,
	// Swahili
	`ya na wa kwa ni katika za la cha kuwa hii huo hiyo ambayo lakini pia watu kama si vya mwa hayo baada`,
	// Filipino
	`ang ng sa na mga at ay ni si ito hindi para kung ang nang may siya isang mula rin upang ayon`,
	// Latin
	`et in est non ad cum sed quod ut ex qui quae sunt per ab esse aut etiam enim`,
	// Lithuanian, Latvian
	`ir kad yra su iš į tai kaip ne arba šis ši nuo bet per buvo turi
un ir ar ka no par uz nav vai šis kas pie bet jābūt`,
	// Welsh, Irish
	`y yr yn a ar i o ac mae ei bod wedi gan am fod nid oedd neu hyn
an na agus ar is a go le i ní do tá bhí nach seo`,
	// Basque
	`eta da ez bat dira du ere baina izan dute edo hau hori`,
	// Albanian
	`dhe të në një që për me nuk është e i së si ka por nga ose duhet kjo`,
	// Azerbaijani, Uzbek
	`və bu bir üçün ilə deyil olan da də ki daha çox ya bilər
va bu bilan uchun bir ham emas yoki kerak qiymat`,
	// Icelandic, Afrikaans
	`og að í á er ekki sem við um til var með en það þetta þessi eða verður
die en van is nie 'n het vir dat met wat op te in nie`,
}

// faintWords are foreign function words that English has as nouns or verbs.
const faintWords = `care see bat go come ten men son war die met hat hay door plus sam pour van till ad non pre per via con sin pod den bin tout
art era bar ham sue sang lot mi com ca bi um s u v w`

// Names and loans that the lists would mistake: words that are as often an Asian
// or European name when they have a capital, and accented words of English.
const (
	nameWords = `karen lena mila ka ki ke ko ne se hai hui hua tha jo kal raha mera kab aye jana dena deta desh bola`
	loanWords = `café cafés naïve naïveté façade cliché clichés fiancé fiancée résumé résumés décor entrée entrées soufflé protégé protégée
jalapeño piñata déjà façades née émigré émigrés exposé crème brûlée matinée`
)

// wordInfo says which lists hold a word.
type wordInfo struct {
	hindi, hindiWeak bool   // Devanagari: Hindi. Latin: romanised Hindi
	english          bool   // Latin only
	faint            bool   // also an English noun or verb, or an initial
	name, loan       bool   // see nameWords, loanWords
	others           uint32 // one bit for each other language
}

const (
	marathiBit = 1 << iota
	nepaliBit
	konkaniBit
)

// lexicon gives the lists as one map, built once.
var lexicon = sync.OnceValue(func() map[string]wordInfo {
	words := make(map[string]wordInfo, 2500)
	add := func(list string, set func(*wordInfo)) {
		for word := range strings.FieldsSeq(list) {
			info := words[word]
			set(&info)
			words[word] = info
		}
	}
	strong := func(w *wordInfo) { w.hindi = true }
	weak := func(w *wordInfo) { w.hindiWeak = true }
	bit := func(b uint32) func(*wordInfo) { return func(w *wordInfo) { w.others |= b } }
	add(hindiWords, strong)
	add(hindiWeak, weak)
	add(marathiWords, bit(marathiBit))
	add(nepaliWords, bit(nepaliBit))
	add(konkaniWords, bit(konkaniBit))
	add(hinglishWords, strong)
	add(hinglishWeak, weak)
	add(englishWords, func(w *wordInfo) { w.english = true })
	add(faintWords, func(w *wordInfo) { w.faint = true })
	add(nameWords, func(w *wordInfo) { w.name = true })
	add(loanWords, func(w *wordInfo) { w.loan = true })
	for i, list := range foreignWords {
		add(list, bit(1<<i))
	}
	return words
})

// forms are word endings by their last byte, each with the languages that it speaks for.
type forms [256][]form

type form struct {
	end string
	set uint32
}

// of gives the languages whose endings word has, with a letter before them.
func (f *forms) of(word string) (set uint32) {
	for _, form := range f[word[len(word)-1]] {
		if len(word) > len(form.end) && strings.HasSuffix(word, form.end) {
			set |= form.set
		}
	}
	return set
}

func newForms(lists map[string]uint32) *forms {
	var f forms
	for list, set := range lists {
		for end := range strings.FieldsSeq(list) {
			last := end[len(end)-1]
			f[last] = append(f[last], form{end, set})
		}
	}
	return &f
}

// Endings that Hindi, or English, has not.
var (
	neighbourForms = newForms(map[string]uint32{
		`च्या ांनी ांना ामध्ये साठी ण्यात ण्याची ण्याचा णार णारे णारा णारी ल्याने ल्याचे ातील ेतील तर्फे ण्यास ाबाबत ळ ळा ळी ळे ळू ऱ्या ऱ्यांचे णे`: marathiBit,
		`हरू हरु हरूको हरूले हरूका लाई बाट एको एका िएको रेका नुहोस् नुहोस नेछ नेछन् दैन िन्छ ुन्छ ाउँदै नुपर्ने काले पालिका`:                        nepaliBit,
	})
	// Imperatives in -iye, futures in -enge, -unga and -ega, joined -kardo.
	hinglishForms = newForms(map[string]uint32{
		`niye kiye jiye hiye riye liye aiye iyega yenge arenge ahenge anenge ilenge unga oonga ungi oongi ayega ayegi aega arega aregi ahega ahegi kardo
dijiye kijiye lijiye sakta sakte wala wali aayi aaye batao`: 1,
	})
	foreignForms = newForms(map[string]uint32{
		`ción ciones dades`:                   1 << 2,
		`ção ções`:                            1 << 4,
		`zione zioni`:                         1 << 3,
		`issez euses aient`:                   1,
		`lich liche lichen keit ungen ischen`: 1 << 1,
		`annya innya unnya ernya akan ikan`:   1 << 6,
		`lijk lijke heid ingen`:               1 << 5,
		`ları leri`:                           1 << 7,
		`ość ości owania`:                     1 << 8,
	})
)

// tally counts hits of the other languages, one counter a language.
type tally [32]float64

func (t *tally) add(set uint32, weight float64) {
	for ; set != 0; set &= set - 1 {
		t[bits.TrailingZeros32(set)] += weight
	}
}

func (t *tally) best() float64 {
	var top float64
	for _, n := range t {
		top = max(top, n)
	}
	return top
}
