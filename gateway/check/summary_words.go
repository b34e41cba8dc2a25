package check

import (
	"strings"
	"unicode/utf8"
)

// properEnglish and properHindi are the names that are translated, not spelled after
// their sound: a summary that has one needs it in the article, in its own words.
var (
	properEnglish = wordSet(`india indian indians pakistan pakistani china chinese russia russian germany german germans france french italy italian spain spanish greece greek
japan japanese egypt egyptian turkey turkish netherlands dutch america american americans britain british england english europe european australia australian africa african
asia asian monday tuesday wednesday thursday friday saturday sunday january february april june july august september october november december`)
	properHindi = formSet(`भारत भारतीय पाकिस्तान पाकिस्तानी चीन रूस रूसी जर्मनी जर्मन फ्रांस फ्रांसीसी इटली इतालवी स्पेन यूनान यूनानी जापान जापानी मिस्र तुर्की नीदरलैंड अमेरिका अमेरिकी
ब्रिटेन ब्रिटिश इंग्लैंड यूरोप यूरोपीय ऑस्ट्रेलिया अफ्रीका एशिया सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार जनवरी फरवरी अप्रैल जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर`)
)

// institutions are words of the names of offices, institutions, works and places,
// which are translated as a whole.
var institutions = wordSet(`ministry minister secretary department office bureau agency authority commission committee council court courts tribunal parliament assembly senate
house congress chamber cabinet government administration federal national international united union state states royal central supreme high general public
party democrats democratic republican republicans labour liberal conservative conservatives socialist communist green movement front alliance league association federation
foundation institute institution university college school academy hospital clinic church cathedral temple mosque museum library theatre theater gallery centre center
bank fund company corporation group holdings limited industries board exchange market trust society club team cup championship championships games olympic olympics
world war day week month year night morning evening award awards prize festival festivals street road avenue lane square bridge park lake river sea ocean mountain
mountains mount island islands bay gulf coast valley desert forest beach airport station port tower hall hotel palace castle plaza city county district province region village town
north south east west northern southern eastern western northeast northwest southeast southwest middle upper lower great greater new old big little black white red blue green golden
act bill law treaty agreement convention amendment constitution charter accord deal article section chapter police army navy force forces guard service services security
intelligence investigation justice attorney prosecutor judge magistrate chief deputy vice prime president presidential vice-president premier chancellor chairman chairwoman director
executive officer commissioner governor mayor senator representative ambassador king queen prince princess duke duchess lord lady sir saint pope bishop cardinal father mother
news times post journal daily press network television radio media magazine science sciences health medicine medical nursing engineering technology research development
education environment energy finance trade commerce labor defense defence foreign home interior treasury culture sports agriculture transport human rights affairs relations
organization organisation program programme project plan fund initiative mission operation campaign summit conference meeting forum report review survey index list
first second third cross crescent air space nuclear missile weapons system systems open grand prix premier champions super major division series season
star stars film films movie book books story stories song music art arts studio studios dance love life man men woman women child children boy girl people family
sun moon earth fire water wind storm hurricane typhoon cyclone tropical climate weather disaster emergency safety control prevention disease diseases virus coronavirus
community social economic political civil military religious christian catholic muslim islamic islam hindu jewish buddhist sikh protestant orthodox evangelical
building house mansion estate property insurance holiday independence republic kingdom empire nation nations country`)

// personTitles are those of them that stand before the name of a person.
var personTitles = wordSet(`minister secretary judge justice attorney prosecutor chief deputy vice prime president chancellor chairman chairwoman director officer commissioner governor
mayor senator representative ambassador king queen prince princess duke duchess lord lady sir saint pope bishop cardinal father mother mr mrs ms miss dr prof rev gen col lt capt sgt maj
uncle aunt brother sister detective inspector constable general captain coach`)

// commonEnglish are other words that are written large without being names.
var commonEnglish = wordSet(`york professor insp superintendent virtual democrat capitol halloween euro reuters euros internet web net twitter facebook google english god bible christmas easter ramadan diwali holi eid allah lord jesus christ buddha
covid sars mers dna hiv aids iphone ipad android windows mr mrs ms miss dr prof rev hon gov gen col lt capt sgt maj jr sr
yes okay hello sorry thanks please let well even though although however meanwhile moreover because since until unless whether while instead perhaps maybe
yesterday today tomorrow tonight spring summer autumn winter uncle aunt grandma grandpa mom dad mum brother sister son daughter wife husband
sources officials experts scientists researchers students teachers doctors nurses workers voters lawmakers politicians critics supporters protesters fans players
brexit pacific atlantic mediterranean detective inspector constable instagram whatsapp youtube amazon tesla everyone nobody someone something nothing another anyone everything
whatever earlier later finally overall more both neither conservative christians muslims hindus jews catholics sikhs`)

// commonAcronym are acronyms that any news text may use for what its source says in
// full words.
var commonAcronym = wordSet(`usa uk eu un us who uno pm mp mps cm ceo cfo coo mla mlas ngo gdp gst tv ai it pc dvd cd gps sms sim atm vip faq id ok phd mba mbbs md am pm bc ad ce bce est gmt ist utc bst
rbi cbi fir ias ips cji nda upa bjp aap sp bsp tmc rjd dmk isro drdo nasa fbi cia nato opec asean brics covid dna rna hiv aids icu ct mri ppe kph mph km`)

// institution reports whether an English word is a common one, even if it is large.
func institution(key string) bool {
	return institutions[key] || strings.HasSuffix(key, "s") && institutions[key[:len(key)-1]] || commonEnglish[key] || englishEnding(key)
}

// englishEndings make a long word a common one, which is large only as a part of a
// title or a heading.
var englishEndings = strings.Fields(`tion tions sion sions ment ments ness ity ities ship ships ology ology ologist graphy ism isms ists ance ence ancy ency hood
ful less able ible ously ally ately edly ingly cratic cracy atory ative ical ators`)

func englishEnding(key string) bool {
	for _, e := range englishEndings {
		if len(key) >= len(e)+5 && strings.HasSuffix(key, e) {
			return true
		}
	}
	return false
}

// hindiTitles stand before a name.
var hindiTitles = formSet(`श्री श्रीमती सुश्री डॉ डॉक्टर प्रोफेसर प्रो राष्ट्रपति प्रधानमंत्री मुख्यमंत्री मंत्री राज्यपाल सांसद विधायक सीनेटर न्यायाधीश न्यायमूर्ति जस्टिस जज
अभिनेता अभिनेत्री गायक गायिका निर्देशक लेखक लेखिका कप्तान कोच खिलाड़ी प्रवक्ता अध्यक्ष सचिव महासचिव निदेशक आयुक्त मेयर महापौर राजा रानी राजकुमार पंडित मौलाना सर लॉर्ड
इंस्पेक्टर कांस्टेबल जनरल कर्नल कैप्टन पत्नी पति बेटे बेटी भाई बहन`)

// commonHindi are words that stand where names do or are spelled like foreign ones,
// and are neither.
var commonHindi = formSet(`सरकार पुलिस अदालत कोर्ट सेना मंत्रालय विभाग कंपनी कंपनियों बैंक पार्टी टीम समिति आयोग परिषद संघ संगठन संस्था संस्थान एजेंसी अधिकारी अधिकारियों
कर्मचारी कर्मचारियों लोग लोगों जनता किसान किसानों छात्र छात्रों डॉक्टर डॉक्टरों मरीज मरीजों नेता नेताओं कार्यकर्ता विशेषज्ञ विशेषज्ञों वैज्ञानिकों शोधकर्ताओं विश्लेषकों
मतदाताओं आलोचकों समर्थकों प्रदर्शनकारियों खिलाड़ियों सदस्य सदस्यों महिला महिलाओं पुरुष बच्चे बच्चों युवक युवती युवाओं व्यक्ति आदमी औरत लड़की लड़के माता पिता मां पत्नी पति बेटे
बेटी परिवार परिजनों दोस्तों पड़ोसी पड़ोसियों गवाह गवाहों वकील वकीलों आरोपी पीड़ित पीड़िता चालक ड्राइवर यात्री यात्रियों पत्रकार पत्रकारों मीडिया अखबार चैनल प्रशासन निगम न्यायालय
न्यायाधीश जज संसद विधानसभा सीनेट कांग्रेस विपक्ष सत्ता गठबंधन मोर्चा दल देश देशों राज्य राज्यों शहर गांव जिला प्रवक्ता अध्यक्ष निदेशक प्रबंधक मालिक निवेशकों ग्राहकों दर्शकों प्रशंसकों
रिपोर्ट स्टेशन ट्रेन बस कार ट्रक हेलीकॉप्टर रॉकेट मिसाइल स्कूल कॉलेज यूनिवर्सिटी हॉस्पिटल होटल रेस्टोरेंट मॉल मार्केट स्टोर शॉप ऑफिस डिपार्टमेंट स्टेडियम मैच गेम टूर्नामेंट
सीरीज सीरीज़ टेस्ट वनडे क्रिकेट फुटबॉल हॉकी टेनिस गोल्फ ओलंपिक चैंपियनशिप चैंपियन कप मेडल स्कोर रन गोल पॉइंट अंक फिल्म सिनेमा टीवी टेलीविजन रेडियो इंटरनेट वेबसाइट वेब ऐप मोबाइल फोन
स्मार्टफोन कंप्यूटर कम्प्यूटर सॉफ्टवेयर डेटा ऑनलाइन डिजिटल वीडियो ऑडियो फोटो कैमरा ट्विटर फेसबुक गूगल ट्वीट पोस्ट ईमेल मेल सोशल नेटवर्क टेक्नोलॉजी तकनीक सिस्टम प्रोग्राम प्रोजेक्ट प्लान
पॉलिसी बजट टैक्स लोन शेयर स्टॉक डॉलर पाउंड यूरो रुपये प्रतिशत किलोमीटर मीटर फीट फुट इंच मील किलोग्राम किलो ग्राम टन लीटर सेंटीमीटर डिग्री सेल्सियस मिलियन बिलियन ट्रिलियन
वायरस कोरोना कोरोनावायरस वैक्सीन टेस्टिंग आइसोलेशन क्वारंटाइन लॉकडाउन मास्क सैनिटाइजर वेंटिलेटर ऑक्सीजन ऑपरेशन सर्जरी कैंसर डायबिटीज इंजेक्शन एंटीबॉडी एंटीबायोटिक प्रोटीन बैक्टीरिया
इंटरव्यू कॉन्फ्रेंस कॉन्फ़्रेंस सम्मेलन मीटिंग समिट एक्सपर्ट एक्सपर्ट्स डायरेक्टर मैनेजर चेयरमैन प्रेसिडेंट मिनिस्टर सेक्रेटरी कमिश्नर इंजीनियर प्रोफेसर ड्रेस फैशन स्टाइल डिज़ाइन डिजाइन
ब्रांड कैंपेन अभियान इलेक्शन वोट वोटर वोटर्स वोटिंग पोल उम्मीदवार टिकट सीट सीटें फैसला फ़ैसला नतीजा नतीजे सजा सज़ा केस मामला अपराध हमला हत्या मौत जांच गिरफ्तार ज़मानत जमानत
ज्यादा ज़्यादा ज़रूरत जरूरत ज़रूरी जरूरी ज़मीन जमीन ज़िंदगी जिंदगी ज़िम्मेदार ज़िम्मेदारी ज़ोर ज़ाहिर ज़हर ज़ख्मी रोज़ रोज़ाना तेज़ तेज़ी चीज़ चीज़ें चीज़ों नज़र नज़दीक हज़ार हज़ारों कागज़ आवाज़ आवाज़ें दरवाज़ा
बाज़ार मज़बूत मज़ाक मज़दूर इज़्ज़त इजाज़त अंदाज़ा अंदाज़ राज़ी नाराज़ नाराज़गी साफ़ सिर्फ़ तरफ़ काफ़ी फ़ायदा फ़ोन फ़िल्म फ़िल्में फ़िल्मों शुरुआत अफ़सोस ख़िलाफ़ खिलाफ़ बर्फ़ शरीफ़ हफ़्ते हफ़्तों वक्त वक़्त सख्त दफ़्तर
गिरफ़्तार रफ़्तार फ़र्क फ़ैशन ग़लत फ़ीसदी फ़ौज फ़ौजी ऊर्जा कार्य कार्रवाई कार्यक्रम वर्ष वर्षीय वर्षों पूर्व पूर्ण सर्वेक्षण सर्वोच्च मार्ग निर्णय निर्माण वर्तमान धर्म कर्म शर्म गर्म गर्मी सर्दी वर्षा दर्शक दर्ज दर्द खर्च
चर्चा पर्यटन पर्यटक पर्यावरण आर्थिक धार्मिक वार्षिक मार्च संघर्ष संपर्क समर्थन प्रदर्शन परिवर्तन निर्देश आदर्श आकर्षक आश्चर्य गवर्नर बोर्ड रिकॉर्ड कार्ड एयरपोर्ट पासपोर्ट सपोर्ट एक्सपोर्ट रिपोर्टर रिपोर्टर्स
पार्क मार्क टॉवर टावर ब्रिज रोड स्ट्रीट गैस पेट्रोल डीजल प्लास्टिक स्टील ग्लास प्लेट प्लांट फैक्ट्री इंडस्ट्री बिज़नेस बिजनेस कॉर्पोरेशन ग्रुप क्लब यूनियन काउंसिल कमेटी कमिटी असेंबली पार्लियामेंट
सिक्योरिटी गार्ड फोर्स एयर फ्लाइट प्लेन पायलट क्रू ड्यूटी एक्ट लॉ ऑर्डर नोटिस लेटर कॉल चैट मैसेज बुक मैगज़ीन न्यूज़ न्यूज टाइम्स प्रेस ग्लोबल इंटरनेशनल नेशनल सेंट्रल ईस्ट वेस्ट नॉर्थ साउथ ईस्टर्न वेस्टर्न
लेबर कंज़र्वेटिव कंजर्वेटिव लिबरल डेमोक्रेट डेमोक्रेट्स डेमोक्रेटिक रिपब्लिकन सोशलिस्ट क्रिश्चियन ईसाई मुस्लिम कैथोलिक क्रिसमस ईस्टर चर्च ट्रस्ट फंड फ़ंड बॉन्ड डॉक्यूमेंट्री एल्बम गाना स्टार सुपरस्टार हीरो
एक्टर एक्ट्रेस सिंगर म्यूजिक म्यूज़िक बैंड डांस शो सीन सीज़न एपिसोड थिएटर ड्रामा कॉमेडी स्टेज अवॉर्ड ऑस्कर ट्रॉफी कोच कैप्टन प्लेयर फैन फैंस गोलकीपर डिफेंडर मिडफील्डर स्ट्राइकर रेफरी पेनल्टी
बॉल बैट शॉट ट्रैक राउंड फाइनल सेमीफाइनल लीग डिवीजन प्रीमियर मैनेजमेंट ट्रेनिंग कोर्स क्लास टीचर स्टूडेंट स्टूडेंट्स पेरेंट्स रिसर्च स्टडी साइंस साइंटिस्ट हेल्थ मेडिकल ट्रीटमेंट दवा थेरेपी नर्स पेशेंट माइक्रोवेव शॉपिंग कांफ्रेंस बिल्डिंग कॉर्नर
कंट्रोल कैटवॉक वर्ल्ड परफॉर्मेंस परफॉरमेंस राष्ट्रमंडल अटॉर्नी लॉन्चिंग लॉन्च हाफटाइम क्रियान्वयन निष्क्रियता निष्क्रिय रोंगटे क्रोध क्रमशः प्रक्रिया क्रिया सक्रिय विक्रेता क्रांति क्रम अनुक्रम आक्रोश आक्रमण
पार्किंग ड्राइविंग ट्रैफिक सिग्नल टिकटॉक कॉरिडोर काउंटर लॉबी लॉकर बॉक्स बॉडी बॉस जॉब लॉटरी कॉपी कॉफी कॉमर्स कॉर्पोरेट कॉलोनी कॉलम कॉन्ट्रैक्ट कॉम्प्लेक्स डॉक डॉग ऑटो ऑफर ऑफिसर ऑडिट ऑडिशन ऑर्केस्ट्रा ऑप्शन
ऑपरेटर ऑब्जर्वर मॉडल मॉडर्न मॉनिटर मॉनसून मॉर्निंग रॉयल रॉक सॉरी सॉल्यूशन टॉप टॉपर टॉयलेट टॉस हॉल हॉस्टल हॉट नॉन नॉमिनी नॉकआउट पॉपुलर पॉजिटिव पॉवर लॉक शॉर्ट शॉक स्टॉल स्टॉप वॉर्ड वॉकआउट वॉल वॉर
ब्लॉक ब्लॉग ब्लड ब्लैक ब्लू प्रॉपर्टी प्रॉफिट क्लिनिक क्लीन क्लिप फ्रंट फ्री फ्रीज फ्रेम फ्रूट ब्रेक ब्रेन ब्रॉडकास्ट क्रेडिट क्रू क्राइम क्रिमिनल ग्रेड ग्रेजुएट ट्रिप ट्रिब्यूनल ट्रॉली ट्रैक्टर ट्रांसफर ट्रांसपोर्ट
ट्रेड ट्रेंड ट्रायल ट्रेलर टैक्सी मैक्सिमम टेक्स्ट नेक्स्ट एक्स एक्सप्रेस एक्सप्रेसवे एक्सरसाइज एक्सीडेंट सेक्स सेक्शन सेक्टर लेक्चर फैक्टर फैक्ट कैंप कैंपस रिसॉर्ट रिटर्न राइट राइड फील्ड गोल्ड शील्ड बिल्डर
होल्डर फोल्डर ओल्ड चाइल्ड माइल्ड बोल्ड कोल्ड फाल्ट रिजल्ट बेल्ट बोल्ट वोल्ट विलेन रॉकस्टार`)

// nounLikeEndings are those of the learned words of Hindi.
var nounLikeEndings = strings.Fields(`करण वाद वादी वादियों ीय ात्मक पूर्ण पूर्वक जनक शाली कारी कारियों कर्ता त्व िता िक ित ियों ाओं ुओं कार कारों दार दारों बाज वाला वाले वाली शील मान वान हीन`)

func hindiEnding(key string) bool {
	for _, e := range nounLikeEndings {
		if strings.HasSuffix(key, e) && utf8.RuneCountInString(key) > utf8.RuneCountInString(e)+1 {
			return true
		}
	}
	return false
}

// commonHindiStems are commonHindi without endings.
var commonHindiStems = func() map[string]bool {
	set := map[string]bool{}
	for form := range commonHindi {
		set[string(hindiStem([]byte(form)))] = true
	}
	return set
}()

// foreignSigns are letters that words of Hindi itself hardly have: the o of doctor,
// retroflex clusters, the endings of English.
var foreignSigns = strings.Fields(`ॉ ऑ ॅ ट्र ड्र ंट्स स्ट्र ंग्ट ंगट ल्ट ल्ड ल्फ ल्ब ट्ज ट्स ब्ल स्की बर्ग शायर फोर्ड ंस्क विल्ल ैंड्र ैक्स ेक्स िक्स फ्र ग्र्र ब्रो ब्रै ब्रे क्रि क्रो क्लि क्लै ग्रि ग्रै ट्रि`)

func foreignSpelling(key string) bool {
	for _, s := range foreignSigns {
		if strings.Contains(key, s) {
			return true
		}
	}
	return false
}

// formSet is a wordSet in the form of hindiNameForm.
func formSet(list string) map[string]bool {
	set := map[string]bool{}
	for word := range wordSet(list) {
		set[hindiNameForm(word)] = true
	}
	return set
}
