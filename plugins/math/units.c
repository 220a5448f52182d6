/* units.c - unit words by their canonical names, and words that are numbers. */
#include "config.h"
#include "plugins/math/lex.h"

#define LONGEST 24

/* Words are in lower case and singular; `exact` ones are told apart by case and taken as they
 * are. loose: may also be a variable or another word, so it needs text or a place of its own. */
static const struct unit {
	const char *word, *name;
	bool exact, loose;
} units[] = {
	{ "mm", "mm", true, false }, { "cm", "cm", true, false }, { "dm", "dm", true, false },
	{ "km", "km", true, false }, { "m", "m", true, true }, { "nm", "nm", true, true },
	{ "in", "in", true, true }, { "ft", "ft", true, false }, { "yd", "yd", true, false },
	{ "mi", "mi", true, true }, { "mg", "mg", true, false }, { "kg", "kg", true, false },
	{ "g", "g", true, true }, { "lb", "lb", true, false }, { "lbs", "lb", true, false },
	{ "oz", "oz", true, false }, { "t", "t", true, true }, { "s", "s", true, true },
	{ "ms", "ms", true, true }, { "h", "h", true, true }, { "hr", "h", true, false },
	{ "hrs", "h", true, false }, { "d", "day", true, true }, { "min", "min", true, false },
	{ "mins", "min", true, false }, { "sec", "s", true, false }, { "secs", "s", true, false },
	{ "L", "L", true, true }, { "l", "L", true, true }, { "mL", "mL", true, false },
	{ "ml", "mL", true, false }, { "cL", "cL", true, false }, { "dL", "dL", true, false },
	{ "N", "N", true, true }, { "J", "J", true, true }, { "kJ", "kJ", true, false },
	{ "W", "W", true, true }, { "kW", "kW", true, false }, { "kWh", "kWh", true, false },
	{ "V", "V", true, true }, { "A", "A", true, true }, { "K", "K", true, true },
	{ "C", "C", true, true }, { "F", "F", true, true }, { "Pa", "Pa", true, false },
	{ "kPa", "kPa", true, false }, { "Hz", "Hz", true, false }, { "kHz", "kHz", true, false },
	{ "MHz", "MHz", true, false }, { "mol", "mol", true, false }, { "cal", "cal", true, false },
	{ "kcal", "kcal", true, false }, { "rad", "rad", true, true }, { "ha", "ha", true, true },
	{ "cc", "cm^3", true, true }, { "rpm", "rpm", true, false }, { "eV", "eV", true, false },
	{ "USD", "USD", true, false }, { "EUR", "EUR", true, false }, { "GBP", "GBP", true, false },
	{ "RMB", "CNY", true, false }, { "CNY", "CNY", true, false }, { "JPY", "JPY", true, false },
	{ "INR", "INR", true, false }, { "RUB", "RUB", true, false }, { "KRW", "KRW", true, false },
	{ "Rs", "INR", true, false }, { "degC", "degC", true, false },
	{ "degF", "degF", true, false }, { "amu", "u", true, false }, { "atm", "atm", true, false },
	{ "mph", "mi/h", false, false }, { "kmh", "km/h", false, false },
	{ "kph", "km/h", false, false }, { "fps", "ft/s", false, false },
	{ "gal", "gal", false, false }, { "qt", "qt", false, false }, { "yr", "year", false, false },
	{ "inch", "in", false, false }, { "foot", "ft", false, false },
	{ "feet", "ft", false, false }, { "yard", "yd", false, false },
	{ "mile", "mi", false, false }, { "millimeter", "mm", false, false },
	{ "millimetre", "mm", false, false }, { "centimeter", "cm", false, false },
	{ "centimetre", "cm", false, false }, { "decimeter", "dm", false, false },
	{ "meter", "m", false, false }, { "metre", "m", false, false },
	{ "kilometer", "km", false, false }, { "kilometre", "km", false, false },
	{ "gram", "g", false, false }, { "kilogram", "kg", false, false },
	{ "kilo", "kg", false, false }, { "milligram", "mg", false, false },
	{ "pound", "lb", false, false }, { "ounce", "oz", false, false },
	{ "ton", "ton", false, false }, { "tonne", "t", false, false },
	{ "second", "s", false, false }, { "minute", "min", false, false },
	{ "hour", "h", false, false }, { "day", "day", false, false },
	{ "week", "week", false, false }, { "month", "month", false, false },
	{ "year", "year", false, false }, { "liter", "L", false, false },
	{ "litre", "L", false, false }, { "milliliter", "mL", false, false },
	{ "millilitre", "mL", false, false }, { "gallon", "gal", false, false },
	{ "quart", "qt", false, false }, { "pint", "pint", false, false },
	{ "cup", "cup", false, false }, { "dollar", "USD", false, false },
	{ "buck", "USD", false, false }, { "cent", "cent", false, false },
	{ "euro", "EUR", false, false }, { "yuan", "CNY", false, false },
	{ "yen", "JPY", false, false }, { "rupee", "INR", false, false },
	{ "acre", "acre", false, false }, { "hectare", "ha", false, false },
	{ "newton", "N", false, false }, { "joule", "J", false, false },
	{ "watt", "W", false, false }, { "volt", "V", false, false },
	{ "kelvin", "K", false, false }, { "celsius", "degC", false, false },
	{ "fahrenheit", "degF", false, false }, { "radian", "rad", false, false },
	{ "unit", "unit", false, false }, { "calorie", "cal", false, false },
	{ "hertz", "Hz", false, false }, { "pascal", "Pa", false, false },
	{ "mole", "mol", false, false }, { "knot", "knot", false, false },
	{ "dozen", "dozen", false, false }, { "point", "point", false, false },
	{ "厘米", "cm", true, false }, { "毫米", "mm", true, false }, { "分米", "dm", true, false },
	{ "千米", "km", true, false }, { "公里", "km", true, false }, { "米", "m", true, false },
	{ "千克", "kg", true, false }, { "公斤", "kg", true, false }, { "克", "g", true, false },
	{ "吨", "t", true, false }, { "毫升", "mL", true, false }, { "升", "L", true, false },
	{ "小时", "h", true, false }, { "时", "h", true, true }, { "分钟", "min", true, false }, { "秒", "s", true, false },
	{ "天", "day", true, false }, { "年", "year", true, false }, { "岁", "year", true, false },
	{ "美元", "USD", true, false }, { "元", "CNY", true, false }, { "欧元", "EUR", true, false },
	{ "平方米", "m^2", true, false }, { "平方厘米", "cm^2", true, false },
	{ "平方千米", "km^2", true, false }, { "立方米", "m^3", true, false },
	{ "立方厘米", "cm^3", true, false }, { "千米每小时", "km/h", true, false },
};

static meed_str lower(meed_str word, char *buf)
{
	meed_str r = { buf, 0 };

	for (size_t i = 0; i < word.n && i < LONGEST; i++) {
		char c = word.p[i];

		buf[r.n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	return r;
}

/* The unit that a lower-case word is, if it is one and singular. */
static const struct unit *find(meed_str word, bool exact)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].exact == exact && meed_eq(word, meed_s(units[i].word)))
			return &units[i];
	return NULL;
}

meed_str mx_unit(meed_str word, bool *ret_sure)
{
	char buf[LONGEST];
	const struct unit *u = find(word, true);
	meed_str w;

	*ret_sure = false;
	if (!u && word.n > 1 && word.n <= LONGEST) {
		w = lower(word, buf);
		u = find(w, false);
		if (!u && w.p[w.n - 1] == 's')
			u = find(meed_sub(w, 0, w.n - 1), false);
		if (!u && w.n > 2 && w.p[w.n - 2] == 'e' && w.p[w.n - 1] == 's')
			u = find(meed_sub(w, 0, w.n - 2), false);
	}
	if (!u)
		return (meed_str){ "", 0 };
	*ret_sure = !u->loose;
	return meed_s(u->name);
}

int mx_scale_word(meed_str word)
{
	static const struct {
		const char *word;
		int n;
	} scales[] = {
		{ "hundred", 2 }, { "thousand", 3 }, { "million", 6 }, { "billion", 9 },
		{ "trillion", 12 }, { "万亿", 12 }, { "百万", 6 }, { "千万", 7 }, { "万", 4 },
		{ "亿", 8 },
	};
	char buf[LONGEST];
	meed_str w = lower(word, buf);

	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++)
		if (meed_eq(w, meed_s(scales[i].word)))
			return scales[i].n;
	return -1;
}

int mx_number_word(meed_str word)
{
	static const struct {
		const char *word;
		int n;
	} numbers[] = {
		{ "zero", 0 }, { "one", 1 }, { "two", 2 }, { "three", 3 }, { "four", 4 },
		{ "five", 5 }, { "six", 6 }, { "seven", 7 }, { "eight", 8 }, { "nine", 9 },
		{ "ten", 10 }, { "eleven", 11 }, { "twelve", 12 }, { "thirteen", 13 },
		{ "fourteen", 14 }, { "fifteen", 15 }, { "sixteen", 16 }, { "seventeen", 17 },
		{ "eighteen", 18 }, { "nineteen", 19 }, { "twenty", 20 }, { "thirty", 30 },
		{ "forty", 40 }, { "fifty", 50 }, { "sixty", 60 }, { "seventy", 70 },
		{ "eighty", 80 }, { "ninety", 90 }, { "hundred", 100 },
		{ "零", 0 }, { "一", 1 }, { "二", 2 }, { "两", 2 }, { "三", 3 }, { "四", 4 },
		{ "五", 5 }, { "六", 6 }, { "七", 7 }, { "八", 8 }, { "九", 9 }, { "十", 10 },
	};
	char buf[LONGEST];
	meed_str w = lower(word, buf);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (meed_eq(w, meed_s(numbers[i].word)))
			return numbers[i].n;
	return -1;
}
