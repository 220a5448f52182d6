/* words.c - the plain words, Chinese words and Unicode signs that the reader knows. */
#include "config.h"
#include "plugins/math/lex.h"

/* In the order of memcmp. id of a WORD: 1 if it is one wherever it stands, else only with white
 * space around it and no operator before it ("at" may be a product). */
static const struct entry plain[] = {
	{ "AM", T_AMPM, 0, "" }, { "AND", T_AND, 0, "" }, { "Amy", T_WORD, 1, "" },
	{ "Ann", T_WORD, 1, "" }, { "Apr", T_WORD, 1, "" }, { "Aug", T_WORD, 1, "" },
	{ "Ben", T_WORD, 1, "" }, { "Bob", T_WORD, 1, "" }, { "Complexes", T_NUMSET, 0, "C" },
	{ "DNE", T_CONST, MX_UNDEF, "" }, { "Dan", T_WORD, 1, "" }, { "Dec", T_WORD, 1, "" },
	{ "Delta", T_ID, 0, "Delta" }, { "EVEN", T_WORD, 1, "" }, { "EmptySet", T_EMPTY, 0, "" },
	{ "Eve", T_WORD, 1, "" }, { "Even", T_WORD, 1, "" }, { "FALSE", T_BOOL, 0, "" },
	{ "False", T_BOOL, 0, "" }, { "Feb", T_WORD, 1, "" }, { "Fri", T_WORD, 1, "" },
	{ "Gamma", T_ID, 0, "Gamma" }, { "Ian", T_WORD, 1, "" }, { "If", T_WORD, 0, "" },
	{ "Im", T_FUNC, 0, "im" }, { "Infinity", T_CONST, MX_INF, "" },
	{ "Integers", T_NUMSET, 0, "Z" }, { "Is", T_WORD, 0, "" }, { "It", T_WORD, 0, "" },
	{ "Jan", T_WORD, 1, "" }, { "Jim", T_WORD, 1, "" }, { "Joe", T_WORD, 1, "" },
	{ "Jon", T_WORD, 1, "" }, { "Jul", T_WORD, 1, "" }, { "Jun", T_WORD, 1, "" },
	{ "Ken", T_WORD, 1, "" }, { "Kim", T_WORD, 1, "" }, { "Lambda", T_ID, 0, "Lambda" },
	{ "Leo", T_WORD, 1, "" }, { "Liz", T_WORD, 1, "" }, { "Mar", T_WORD, 1, "" },
	{ "Max", T_WORD, 1, "" }, { "May", T_WORD, 1, "" }, { "Mon", T_WORD, 1, "" },
	{ "NA", T_WORD, 1, "" }, { "NO", T_WORD, 1, "" }, { "NaN", T_WORD, 1, "" },
	{ "Naturals", T_NUMSET, 0, "N" }, { "No", T_WORD, 1, "" }, { "None", T_WORD, 1, "" },
	{ "Nov", T_WORD, 1, "" }, { "ODD", T_WORD, 1, "" }, { "OR", T_OR, 0, "" },
	{ "Oct", T_WORD, 1, "" }, { "Odd", T_WORD, 1, "" }, { "Omega", T_ID, 0, "Omega" },
	{ "PI", T_CONST, MX_PI, "" }, { "PM", T_AMPM, 1, "" }, { "Phi", T_ID, 0, "Phi" },
	{ "Pi", T_CONST, MX_PI, "" }, { "Psi", T_ID, 0, "Psi" },
	{ "Rationals", T_NUMSET, 0, "Q" }, { "Ray", T_WORD, 1, "" }, { "Re", T_FUNC, 0, "re" },
	{ "Reals", T_NUMSET, 0, "R" }, { "Roy", T_WORD, 1, "" }, { "Sam", T_WORD, 1, "" },
	{ "Sat", T_WORD, 1, "" }, { "Sep", T_WORD, 1, "" }, { "Sigma", T_ID, 0, "Sigma" },
	{ "Sue", T_WORD, 1, "" }, { "Sun", T_WORD, 1, "" }, { "TRUE", T_BOOL, 1, "" },
	{ "Ted", T_WORD, 1, "" }, { "The", T_WORD, 0, "" }, { "Theta", T_ID, 0, "Theta" },
	{ "Thu", T_WORD, 1, "" }, { "Tim", T_WORD, 1, "" }, { "Tom", T_WORD, 1, "" },
	{ "True", T_BOOL, 1, "" }, { "Tue", T_WORD, 1, "" }, { "Upsilon", T_ID, 0, "Upsilon" },
	{ "Wed", T_WORD, 1, "" }, { "YES", T_WORD, 1, "" }, { "Yes", T_WORD, 1, "" },
	{ "about", T_WORD, 0, "" }, { "abs", T_FUNC, 0, "abs" }, { "acos", T_FUNC, 0, "arccos" },
	{ "acosh", T_FUNC, 0, "arcosh" }, { "all", T_WORD, 0, "" },
	{ "allof", T_SPECIAL, MX_AND, "" }, { "alpha", T_ID, 0, "alpha" },
	{ "am", T_AMPM, 0, "" }, { "an", T_WORD, 0, "" }, { "and", T_AND, 0, "" },
	{ "any", T_WORD, 0, "" }, { "anyof", T_SPECIAL, MX_OR, "" },
	{ "approx", T_REL, MX_APPROX, "" }, { "arccos", T_FUNC, 0, "arccos" },
	{ "arccosh", T_FUNC, 0, "arcosh" }, { "arccot", T_FUNC, 0, "arccot" },
	{ "arccsc", T_FUNC, 0, "arccsc" }, { "arcosh", T_FUNC, 0, "arcosh" },
	{ "arcsec", T_FUNC, 0, "arcsec" }, { "arcsin", T_FUNC, 0, "arcsin" },
	{ "arcsinh", T_FUNC, 0, "arsinh" }, { "arctan", T_FUNC, 0, "arctan" },
	{ "arctanh", T_FUNC, 0, "artanh" }, { "arctg", T_FUNC, 0, "arctan" },
	{ "are", T_WORD, 0, "" }, { "arsh", T_FUNC, 0, "arsinh" },
	{ "arsinh", T_FUNC, 0, "arsinh" }, { "artanh", T_FUNC, 0, "artanh" },
	{ "as", T_WORD, 0, "" }, { "asin", T_FUNC, 0, "arcsin" },
	{ "asinh", T_FUNC, 0, "arsinh" }, { "at", T_WORD, 0, "" },
	{ "atan", T_FUNC, 0, "arctan" }, { "atanh", T_FUNC, 0, "artanh" },
	{ "bag", T_WORD, 0, "" }, { "be", T_WORD, 0, "" }, { "beta", T_ID, 0, "beta" },
	{ "big", T_WORD, 0, "" }, { "binom", T_FUNC, 0, "binom" },
	{ "binomial", T_FUNC, 0, "binom" }, { "both", T_WORD, 0, "" }, { "box", T_WORD, 0, "" },
	{ "boy", T_WORD, 0, "" }, { "but", T_WORD, 0, "" }, { "by", T_WORD, 0, "" },
	{ "cap", T_INTER, 0, "" }, { "car", T_WORD, 0, "" }, { "cases", T_FUNC, 0, "cases" },
	{ "cat", T_WORD, 0, "" }, { "cbrt", T_FUNC, 0, "cbrt" }, { "ceil", T_FUNC, 0, "ceil" },
	{ "ceiling", T_FUNC, 0, "ceil" }, { "chi", T_ID, 0, "chi" },
	{ "choose", T_FUNC, 0, "binom" }, { "cis", T_FUNC, 0, "cis" }, { "comb", T_FUNC, 0, "binom" },
	{ "conj", T_FUNC, 0, "conj" }, { "cos", T_FUNC, 0, "cos" }, { "cosec", T_FUNC, 0, "csc" },
	{ "cosh", T_FUNC, 0, "cosh" }, { "cost", T_WORD, 0, "" }, { "cot", T_FUNC, 0, "cot" },
	{ "cotg", T_FUNC, 0, "cot" }, { "coth", T_FUNC, 0, "coth" }, { "csc", T_FUNC, 0, "csc" },
	{ "csch", T_FUNC, 0, "csch" }, { "ctg", T_FUNC, 0, "cot" }, { "cu", T_WORD, 0, "" },
	{ "cup", T_UNION, 0, "" }, { "day", T_WORD, 0, "" }, { "deg", T_DEG, 0, "" },
	{ "degree", T_DEG, 0, "" }, { "degrees", T_DEG, 0, "" }, { "delta", T_ID, 0, "delta" },
	{ "deriv", T_BIG, MX_DERIV, "" }, { "det", T_FUNC, 0, "det" },
	{ "dne", T_CONST, MX_UNDEF, "" }, { "dog", T_WORD, 0, "" }, { "down", T_WORD, 0, "" },
	{ "egg", T_WORD, 0, "" }, { "either", T_SPECIAL, MX_ORREL, "" },
	{ "emptyset", T_EMPTY, 0, "" }, { "epsilon", T_ID, 0, "epsilon" },
	{ "equals", T_REL, MX_EQ, "" }, { "eta", T_ID, 0, "eta" }, { "even", T_WORD, 1, "" },
	{ "exp", T_FUNC, 0, "exp" }, { "factorial", T_FUNC, 0, "factorial" },
	{ "factorial2", T_FUNC, 0, "factorial2" }, { "false", T_BOOL, 0, "" },
	{ "floor", T_FUNC, 0, "floor" }, { "for", T_WORD, 0, "" }, { "from", T_WORD, 0, "" },
	{ "gamma", T_ID, 0, "gamma" }, { "gcd", T_FUNC, 0, "gcd" }, { "has", T_WORD, 0, "" },
	{ "if", T_WORD, 0, "" }, { "iff", T_FUNC, 0, "iff" }, { "im", T_FUNC, 0, "im" },
	{ "implies", T_IMPLIES, 0, "" }, { "in", T_REL, MX_IN, "" },
	{ "indeterminate", T_CONST, MX_UNDEF, "" }, { "inf", T_CONST, MX_INF, "" },
	{ "infinity", T_CONST, MX_INF, "" }, { "infty", T_CONST, MX_INF, "" },
	{ "int", T_BIG, MX_INTEGRAL, "" }, { "integers", T_NUMSET, 0, "Z" },
	{ "integral", T_BIG, MX_INTEGRAL, "" }, { "inter", T_INTER, 0, "" },
	{ "intersect", T_INTER, 0, "" }, { "intersection", T_INTER, 0, "" },
	{ "iota", T_ID, 0, "iota" }, { "is", T_WORD, 0, "" }, { "it", T_WORD, 0, "" },
	{ "its", T_WORD, 0, "" }, { "kappa", T_ID, 0, "kappa" }, { "lambda", T_ID, 0, "lambda" },
	{ "lcm", T_FUNC, 0, "lcm" }, { "left", T_WORD, 0, "" }, { "lg", T_FUNC, 0, "lg" },
	{ "lim", T_BIG, MX_LIM, "" }, { "limit", T_BIG, MX_LIM, "" },
	{ "list", T_SPECIAL, MX_LIST, "" }, { "ln", T_FUNC, 0, "ln" },
	{ "log", T_FUNC, 0, "log" }, { "man", T_WORD, 0, "" }, { "max", T_FUNC, 0, "max" },
	{ "men", T_WORD, 0, "" }, { "min", T_FUNC, 0, "min" }, { "mod", T_MOD, 0, "" },
	{ "modulo", T_MOD, 0, "" }, { "nan", T_WORD, 1, "" }, { "naturals", T_NUMSET, 0, "N" },
	{ "new", T_WORD, 0, "" }, { "no", T_WORD, 1, "" }, { "none", T_WORD, 1, "" },
	{ "norm", T_FUNC, 0, "norm" }, { "not", T_NOT, 0, "" }, { "notin", T_REL, MX_NOTIN, "" },
	{ "now", T_WORD, 0, "" }, { "odd", T_WORD, 1, "" }, { "of", T_WORD, 0, "" },
	{ "off", T_WORD, 0, "" }, { "old", T_WORD, 0, "" }, { "omega", T_ID, 0, "omega" },
	{ "on", T_WORD, 0, "" }, { "one", T_WORD, 1, "" }, { "only", T_WORD, 0, "" },
	{ "oo", T_CONST, MX_INF, "" }, { "or", T_OR, 0, "" }, { "out", T_WORD, 0, "" },
	{ "pct", T_PERCENT, 0, "" }, { "pen", T_WORD, 0, "" }, { "per", T_WORD, 0, "" },
	{ "percent", T_PERCENT, 0, "" }, { "percentage", T_PERCENT, 0, "" },
	{ "percents", T_PERCENT, 0, "" }, { "perm", T_FUNC, 0, "perm" },
	{ "phi", T_ID, 0, "phi" }, { "pi", T_CONST, MX_PI, "" }, { "pie", T_WORD, 0, "" },
	{ "pm", T_AMPM, 1, "" }, { "prod", T_BIG, MX_PROD, "" },
	{ "product", T_BIG, MX_PROD, "" }, { "psi", T_ID, 0, "psi" },
	{ "rationals", T_NUMSET, 0, "Q" }, { "re", T_FUNC, 0, "re" },
	{ "reals", T_NUMSET, 0, "R" }, { "red", T_WORD, 1, "" }, { "rho", T_ID, 0, "rho" },
	{ "right", T_WORD, 0, "" }, { "root", T_FUNC, 0, "root" }, { "sec", T_FUNC, 0, "sec" },
	{ "sech", T_FUNC, 0, "sech" }, { "setminus", T_MINUS, 0, "" },
	{ "sgn", T_FUNC, 0, "sgn" }, { "sigma", T_ID, 0, "sigma" }, { "sign", T_FUNC, 0, "sgn" },
	{ "sin", T_FUNC, 0, "sin" }, { "sinh", T_FUNC, 0, "sinh" }, { "six", T_WORD, 1, "" },
	{ "so", T_WORD, 0, "" }, { "sq", T_WORD, 0, "" }, { "sqrt", T_FUNC, 0, "sqrt" },
	{ "subset", T_REL, MX_SUBSET, "" }, { "sum", T_BIG, MX_SUM, "" },
	{ "system", T_SPECIAL, MX_SYSTEM, "" }, { "tan", T_FUNC, 0, "tan" },
	{ "tanh", T_FUNC, 0, "tanh" }, { "tau", T_ID, 0, "tau" }, { "ten", T_WORD, 1, "" },
	{ "tg", T_FUNC, 0, "tan" }, { "the", T_WORD, 0, "" }, { "there", T_WORD, 0, "" },
	{ "theta", T_ID, 0, "theta" }, { "to", T_WORD, 0, "" }, { "tr", T_FUNC, 0, "tr" },
	{ "trace", T_FUNC, 0, "tr" }, { "true", T_BOOL, 1, "" }, { "two", T_WORD, 1, "" },
	{ "undef", T_CONST, MX_UNDEF, "" }, { "undefined", T_CONST, MX_UNDEF, "" },
	{ "union", T_UNION, 0, "" }, { "up", T_WORD, 0, "" }, { "upsilon", T_ID, 0, "upsilon" },
	{ "varnothing", T_EMPTY, 0, "" }, { "way", T_WORD, 0, "" }, { "we", T_WORD, 0, "" },
	{ "when", T_WORD, 0, "" }, { "where", T_WORD, 0, "" }, { "who", T_WORD, 0, "" },
	{ "with", T_WORD, 0, "" }, { "yes", T_WORD, 1, "" }, { "zeta", T_ID, 0, "zeta" },
};

/* In the order of code points. */
static const struct {
	uint32_t cp;
	const char *s;
} signs[] = {
	{ 0x00A0, " " }, { 0x00A2, "\\text{cent}" }, { 0x00A3, "\\pounds " }, { 0x00A5, "\\yen " }, { 0x00AB, "\"" },
	{ 0x00AC, "\\neg " }, { 0x00AD, "" }, { 0x00B0, "\\circ " }, { 0x00B1, "\\pm " },
	{ 0x00B5, "\\mu " }, { 0x00B7, "*" }, { 0x00BA, "\\circ " }, { 0x00BB, "\"" },
	{ 0x00BC, "\\frac14" }, { 0x00BD, "\\frac12" }, { 0x00BE, "\\frac34" },
	{ 0x00D7, "\\times " }, { 0x00F7, "/" }, { 0x02B9, "'" }, { 0x02D0, ":" },
	{ 0x02DA, "\\circ " }, { 0x0393, "\\Gamma " }, { 0x0394, "\\Delta " },
	{ 0x0398, "\\Theta " }, { 0x039B, "\\Lambda " }, { 0x039E, "\\Xi " },
	{ 0x03A0, "\\Pi " }, { 0x03A3, "\\Sigma " }, { 0x03A5, "\\Upsilon " },
	{ 0x03A6, "\\Phi " }, { 0x03A8, "\\Psi " }, { 0x03A9, "\\Omega " },
	{ 0x03B1, "\\alpha " }, { 0x03B2, "\\beta " }, { 0x03B3, "\\gamma " },
	{ 0x03B4, "\\delta " }, { 0x03B5, "\\epsilon " }, { 0x03B6, "\\zeta " },
	{ 0x03B7, "\\eta " }, { 0x03B8, "\\theta " }, { 0x03B9, "\\iota " },
	{ 0x03BA, "\\kappa " }, { 0x03BB, "\\lambda " }, { 0x03BC, "\\mu " },
	{ 0x03BD, "\\nu " }, { 0x03BE, "\\xi " }, { 0x03BF, "o" }, { 0x03C0, "\\pi " },
	{ 0x03C1, "\\rho " }, { 0x03C2, "\\sigma " }, { 0x03C3, "\\sigma " },
	{ 0x03C4, "\\tau " }, { 0x03C5, "\\upsilon " }, { 0x03C6, "\\phi " },
	{ 0x03C7, "\\chi " }, { 0x03C8, "\\psi " }, { 0x03C9, "\\omega " },
	{ 0x03D1, "\\theta " }, { 0x03D5, "\\phi " }, { 0x03F1, "\\rho " },
	{ 0x03F5, "\\epsilon " }, { 0x2002, " " }, { 0x2003, " " }, { 0x2004, " " },
	{ 0x2005, " " }, { 0x2006, "\\," }, { 0x2007, " " }, { 0x2008, " " }, { 0x2009, "\\," },
	{ 0x200A, "\\," }, { 0x200B, "" }, { 0x200C, "" }, { 0x200D, "" }, { 0x2010, "-" },
	{ 0x2011, "-" }, { 0x2012, "-" }, { 0x2013, "-" }, { 0x2014, "-" }, { 0x2015, "-" },
	{ 0x2016, "\\Vert " }, { 0x2018, "'" }, { 0x2019, "'" }, { 0x201C, "\"" },
	{ 0x201D, "\"" }, { 0x201E, "\"" }, { 0x2022, "*" }, { 0x2026, "\\ldots " },
	{ 0x2028, " " }, { 0x2029, " " }, { 0x202F, "\\," }, { 0x2030, "\\permil " },
	{ 0x2032, "'" }, { 0x2033, "''" }, { 0x2043, "-" }, { 0x2044, "/" }, { 0x205F, " " },
	{ 0x2060, "" }, { 0x2061, "" }, { 0x2062, "" }, { 0x2063, "" },
	{ 0x20A9, "\\text{KRW}" }, { 0x20AC, "\\euro " }, { 0x20B9, "\\text{INR}" },
	{ 0x20BD, "\\text{RUB}" }, { 0x2102, "\\mathbb{C}" }, { 0x2113, "l" },
	{ 0x2115, "\\mathbb{N}" }, { 0x211A, "\\mathbb{Q}" }, { 0x211D, "\\mathbb{R}" },
	{ 0x2124, "\\mathbb{Z}" }, { 0x2126, "\\Omega " }, { 0x212F, "e" }, { 0x2147, "e" },
	{ 0x2148, "i" }, { 0x2150, "\\frac17" }, { 0x2151, "\\frac19" },
	{ 0x2152, "\\frac1{10}" }, { 0x2153, "\\frac13" }, { 0x2154, "\\frac23" },
	{ 0x2155, "\\frac15" }, { 0x2156, "\\frac25" }, { 0x2157, "\\frac35" },
	{ 0x2158, "\\frac45" }, { 0x2159, "\\frac16" }, { 0x215A, "\\frac56" },
	{ 0x215B, "\\frac18" }, { 0x215C, "\\frac38" }, { 0x215D, "\\frac58" },
	{ 0x215E, "\\frac78" }, { 0x2192, "\\to " }, { 0x21A6, "\\mapsto " }, { 0x21D2, "\\implies " },
	{ 0x21D4, "\\iff " }, { 0x2200, "\\text{for all}" }, { 0x2202, "\\partial " },
	{ 0x2203, "\\text{exists}" }, { 0x2205, "\\emptyset " }, { 0x2206, "\\Delta " },
	{ 0x2208, "\\in " }, { 0x2209, "\\notin " }, { 0x220F, "\\prod " }, { 0x2211, "\\sum " },
	{ 0x2212, "-" }, { 0x2213, "\\mp " }, { 0x2215, "/" }, { 0x2216, "\\setminus " },
	{ 0x2217, "*" }, { 0x2219, "*" }, { 0x221A, "\\sqrt " }, { 0x221B, "\\sqrt[3]" },
	{ 0x221C, "\\sqrt[4]" }, { 0x221E, "\\infty " }, { 0x2220, "\\angle " }, { 0x2223, "|" },
	{ 0x2225, "\\parallel " }, { 0x2227, "\\land " }, { 0x2228, "\\lor " },
	{ 0x2229, "\\cap " }, { 0x222A, "\\cup " }, { 0x222B, "\\int " }, { 0x2236, ":" },
	{ 0x223C, "\\approx " }, { 0x2243, "\\approx " }, { 0x2245, "\\approx " },
	{ 0x2248, "\\approx " }, { 0x2260, "\\ne " }, { 0x2261, "\\equiv " },
	{ 0x2264, "\\le " }, { 0x2265, "\\ge " }, { 0x2266, "\\le " }, { 0x2267, "\\ge " },
	{ 0x2272, "\\le " }, { 0x2282, "\\subset " }, { 0x2286, "\\subset " },
	{ 0x22A5, "\\perp " }, { 0x22C2, "\\cap " }, { 0x22C3, "\\cup " }, { 0x22C5, "*" },
	{ 0x22C6, "*" }, { 0x22EE, "\\ldots " }, { 0x22EF, "\\ldots " },
	{ 0x2300, "\\emptyset " }, { 0x2308, "\\lceil " }, { 0x2309, "\\rceil " },
	{ 0x230A, "\\lfloor " }, { 0x230B, "\\rfloor " }, { 0x2329, "\\langle " },
	{ 0x232A, "\\rangle " },
	{ 0x2460, "(1), " }, { 0x2461, "(2), " }, { 0x2462, "(3), " }, { 0x2463, "(4), " },
	{ 0x2464, "(5), " }, { 0x2465, "(6), " }, { 0x2466, "(7), " }, { 0x2467, "(8), " },
	{ 0x2468, "(9), " },
	{ 0x25B3, "\\triangle " }, { 0x2713, "\\checkmark " },
	{ 0x2714, "\\checkmark " }, { 0x2715, "\\times " }, { 0x2716, "\\times " },
	{ 0x2758, "|" }, { 0x27E8, "\\langle " }, { 0x27E9, "\\rangle " }, { 0x27F6, "\\to " },
	{ 0x27F9, "\\implies " }, { 0x27FA, "\\iff " }, { 0x2A2F, "\\times " },
	{ 0x2A7D, "\\le " }, { 0x2A7E, "\\ge " }, { 0x3000, " " }, { 0x3001, ", " },
	{ 0x3002, ". " }, { 0x3008, "\\langle " }, { 0x3009, "\\rangle " }, { 0x300C, "\"" },
	{ 0x300D, "\"" }, { 0x3010, "[" }, { 0x3011, "]" }, { 0x3014, "[" }, { 0x3015, "]" },
	{ 0x30FB, "*" }, { 0xFE0F, "" }, { 0xFE63, "-" }, { 0xFE64, "<" }, { 0xFE65, ">" },
	{ 0xFEFF, "" }, { 0xFF04, "\\dollar " }, { 0xFF0C, ", " }, { 0xFF3B, "[" },
	{ 0xFF3D, "]" }, { 0xFFE5, "\\yen " },
};

/* Longer words before their beginnings. */
static const struct entry chinese[] = {
	{ "百分之", T_PERCENT, 1, "" }, { "分之", T_OVER, 1, "" },
	{ "大于等于", T_REL, MX_GE, "" }, { "大于或等于", T_REL, MX_GE, "" },
	{ "小于等于", T_REL, MX_LE, "" }, { "小于或等于", T_REL, MX_LE, "" },
	{ "不等于", T_REL, MX_NE, "" }, { "约等于", T_REL, MX_APPROX, "" },
	{ "等于", T_REL, MX_EQ, "" }, { "大于", T_REL, MX_GT, "" }, { "小于", T_REL, MX_LT, "" },
	{ "属于", T_REL, MX_IN, "" }, { "或者", T_OR, 0, "" }, { "以及", T_AND, 0, "" },
	{ "或", T_OR, 0, "" }, { "和", T_AND, 0, "" }, { "且", T_AND, 0, "" },
	{ "与", T_AND, 0, "" }, { "及", T_AND, 0, "" },
	{ "无穷大", T_CONST, MX_INF, "" }, { "无穷", T_CONST, MX_INF, "" },
	{ "不存在", T_CONST, MX_UNDEF, "" }, { "空集", T_EMPTY, 0, "" },
	{ "根号", T_SQRT, 0, "" }, { "负", T_OP, '-', "" }, { "加", T_OP, '+', "" },
	{ "减", T_OP, '-', "" }, { "乘", T_OP, '*', "" }, { "除以", T_OP, '/', "" },
	{ "比", T_COLON, 0, "" }, { "摄氏度", T_WORD, 0, "degC" }, { "度", T_DEG, 0, "" },
};

static int entry_cmp(meed_str name, const char *other)
{
	size_t n = strlen(other), m = name.n < n ? name.n : n;
	int r = memcmp(name.p, other, m);

	return r ? r : (name.n > n) - (name.n < n);
}

const struct entry *mx_plain(meed_str word)
{
	size_t lo = 0, hi = sizeof(plain) / sizeof(plain[0]);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int r = entry_cmp(word, plain[mid].name);

		if (!r)
			return &plain[mid];
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

const struct entry *mx_cjk(meed_str s)
{
	if (s.n < 3)
		return NULL;
	for (size_t i = 0; i < sizeof(chinese) / sizeof(chinese[0]); i++) {
		const char *name = chinese[i].name;

		/* each begins with a character of three bytes; most texts end here */
		if (s.p[1] == name[1] && s.p[2] == name[2] && meed_starts(s, meed_s(name)))
			return &chinese[i];
	}
	return NULL;
}

const char *mx_spelling(uint32_t cp)
{
	size_t lo = 0, hi = sizeof(signs) / sizeof(signs[0]);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (signs[mid].cp == cp)
			return signs[mid].s;
		if (cp < signs[mid].cp)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}
