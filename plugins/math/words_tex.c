/* words_tex.c - the LaTeX commands that the reader knows, and its environments. */
#include "config.h"
#include "plugins/math/lex.h"

/* In the order of memcmp. */
static const struct entry commands[] = {
	{ "Bbb", K_BB, 0, "" }, { "Big", K_SKIP, 0, "" }, { "Bigg", K_SKIP, 0, "" },
	{ "Biggl", K_SKIP, 0, "" }, { "Biggr", K_SKIP, 0, "" }, { "Bigl", K_SKIP, 0, "" },
	{ "Bigr", K_SKIP, 0, "" }, { "Box", T_WORD, 0, "square" }, { "C", T_NUMSET, 0, "C" },
	{ "CC", T_NUMSET, 0, "C" }, { "Complex", T_NUMSET, 0, "C" },
	{ "Delta", T_ID, 0, "Delta" }, { "Gamma", T_ID, 0, "Gamma" }, { "Huge", K_SKIP, 0, "" },
	{ "Im", T_FUNC, 0, "im" }, { "LARGE", K_SKIP, 0, "" }, { "Lambda", T_ID, 0, "Lambda" },
	{ "Large", K_SKIP, 0, "" }, { "Leftrightarrow", T_IFF, 0, "" },
	{ "Longleftrightarrow", T_IFF, 0, "" }, { "Longrightarrow", T_IMPLIES, 0, "" },
	{ "N", T_NUMSET, 0, "N" }, { "NN", T_NUMSET, 0, "N" }, { "O", T_EMPTY, 0, "" },
	{ "Omega", T_ID, 0, "Omega" }, { "Phi", T_ID, 0, "Phi" }, { "Pi", T_ID, 0, "Pi" },
	{ "Psi", T_ID, 0, "Psi" }, { "Q", T_NUMSET, 0, "Q" }, { "QQ", T_NUMSET, 0, "Q" },
	{ "R", T_NUMSET, 0, "R" }, { "RR", T_NUMSET, 0, "R" }, { "Re", T_FUNC, 0, "re" },
	{ "Reals", T_NUMSET, 0, "R" }, { "Rightarrow", T_IMPLIES, 0, "" },
	{ "SI", K_ROMAN, 0, "" }, { "Sigma", T_ID, 0, "Sigma" }, { "Theta", T_ID, 0, "Theta" },
	{ "Tr", T_FUNC, 0, "tr" }, { "Upsilon", T_ID, 0, "Upsilon" },
	{ "Vert", T_BAR, B_NORM, "" }, { "Xi", T_ID, 0, "Xi" }, { "Z", T_NUMSET, 0, "Z" },
	{ "ZZ", T_NUMSET, 0, "Z" }, { "above", T_OVER, 0, "" }, { "acosh", T_FUNC, 0, "arcosh" },
	{ "acute", T_ACCENT, '~', "" }, { "aleph", T_ID, 0, "aleph" },
	{ "allowbreak", K_SKIP, 0, "" }, { "alpha", T_ID, 0, "alpha" },
	{ "angle", K_SKIP, 0, "" }, { "ans", K_SKIP, 0, "" }, { "answer", K_SKIP, 0, "" },
	{ "approx", T_REL, MX_APPROX, "" }, { "approxeq", T_REL, MX_APPROX, "" },
	{ "arccos", T_FUNC, 0, "arccos" }, { "arccosh", T_FUNC, 0, "arcosh" },
	{ "arccot", T_FUNC, 0, "arccot" }, { "arccsc", T_FUNC, 0, "arccsc" },
	{ "arcctg", T_FUNC, 0, "arccot" }, { "arcosh", T_FUNC, 0, "arcosh" },
	{ "arcsec", T_FUNC, 0, "arcsec" }, { "arcsin", T_FUNC, 0, "arcsin" },
	{ "arcsinh", T_FUNC, 0, "arsinh" }, { "arctan", T_FUNC, 0, "arctan" },
	{ "arctanh", T_FUNC, 0, "artanh" }, { "arctg", T_FUNC, 0, "arctan" },
	{ "arsinh", T_FUNC, 0, "arsinh" }, { "artanh", T_FUNC, 0, "artanh" },
	{ "asinh", T_FUNC, 0, "arsinh" }, { "ast", T_OP, '*', "" },
	{ "atanh", T_FUNC, 0, "artanh" }, { "backslash", T_MINUS, 0, "" },
	{ "bar", T_ACCENT, '-', "" }, { "bcancel", K_SKIP, 0, "" }, { "because", K_SKIP, 0, "" },
	{ "begin", K_BEGIN, 0, "" }, { "beta", T_ID, 0, "beta" }, { "bf", K_ROMAN, 0, "" },
	{ "big", K_SKIP, 0, "" }, { "bigcap", T_INTER, 0, "" }, { "bigcup", T_UNION, 0, "" },
	{ "bigg", K_SKIP, 0, "" }, { "biggl", K_SKIP, 0, "" }, { "biggr", K_SKIP, 0, "" },
	{ "bigl", K_SKIP, 0, "" }, { "bigm", K_SKIP, 0, "" }, { "bigr", K_SKIP, 0, "" },
	{ "bigskip", K_SKIP, 0, "" }, { "bigtriangleup", K_SKIP, 0, "" },
	{ "bigvee", T_ORL, 0, "" }, { "bigwedge", T_ANDL, 0, "" }, { "binom", T_BINOM, 0, "" },
	{ "bm", K_FONT, 0, "" }, { "bmod", T_MOD, 0, "" }, { "bold", K_FONT, 0, "" },
	{ "boldsymbol", K_FONT, 0, "" }, { "bot", T_WORD, 0, "perp" },
	{ "bottomrule", K_SKIP, 0, "" }, { "box", K_SKIP, 0, "" }, { "boxed", K_SKIP, 0, "" },
	{ "breve", T_ACCENT, '~', "" }, { "bullet", T_OP, '*', "" }, { "cancel", K_SKIP, 0, "" },
	{ "cap", T_INTER, 0, "" }, { "cdot", T_OP, '*', "" }, { "cdotp", T_OP, '*', "" },
	{ "cdots", T_DOTS, 0, "" }, { "ceil", T_FUNC, 0, "ceil" }, { "centerdot", T_OP, '*', "" },
	{ "centering", K_SKIP, 0, "" }, { "cfrac", T_FRAC, 0, "" },
	{ "check", T_ACCENT, '~', "" }, { "checkmark", T_WORD, 0, "checkmark" },
	{ "chi", T_ID, 0, "chi" }, { "choose", T_CHOOSE, 0, "" }, { "circ", T_DEG, 0, "" },
	{ "cline", K_DROP, 0, "" }, { "colon", T_COLON, 0, "" }, { "coloneqq", T_REL, MX_EQ, "" },
	{ "color", K_DROP, 0, "" }, { "colorbox", K_DROP, 0, "" }, { "cong", T_REL, MX_CONG, "" },
	{ "cos", T_FUNC, 0, "cos" }, { "cosec", T_FUNC, 0, "csc" }, { "cosh", T_FUNC, 0, "cosh" },
	{ "cot", T_FUNC, 0, "cot" }, { "cotg", T_FUNC, 0, "cot" }, { "coth", T_FUNC, 0, "coth" },
	{ "cr", K_GAP, 0, "" }, { "csc", T_FUNC, 0, "csc" }, { "csch", T_FUNC, 0, "csch" },
	{ "ctg", T_FUNC, 0, "cot" }, { "cup", T_UNION, 0, "" }, { "dbinom", T_BINOM, 0, "" },
	{ "ddot", T_ACCENT, '~', "" }, { "ddots", T_DOTS, 0, "" }, { "deg", T_DEG, 0, "" },
	{ "degree", T_DEG, 0, "" }, { "degrees", T_DEG, 0, "" }, { "delta", T_ID, 0, "delta" },
	{ "det", T_FUNC, 0, "det" }, { "dfrac", T_FRAC, 0, "" },
	{ "differentialD", T_ID, 0, "d" }, { "displaystyle", K_SKIP, 0, "" },
	{ "div", T_OP, '/', "" }, { "dollar", T_CUR, 0, "USD" }, { "dot", T_ACCENT, '.', "" },
	{ "doteq", T_REL, MX_EQ, "" }, { "dots", T_DOTS, 0, "" }, { "dotsb", T_DOTS, 0, "" },
	{ "dotsc", T_DOTS, 0, "" }, { "dotsi", T_DOTS, 0, "" }, { "dotsm", T_DOTS, 0, "" },
	{ "dotso", T_DOTS, 0, "" }, { "ell", T_ID, 0, "ell" }, { "emph", K_TEXT, 0, "" },
	{ "empty", T_EMPTY, 0, "" }, { "emptyset", T_EMPTY, 0, "" }, { "end", K_END, 0, "" },
	{ "enskip", K_GAP, 0, "" }, { "ensp", K_SPACE, 0, "" }, { "enspace", K_GAP, 0, "" },
	{ "ensuremath", K_SKIP, 0, "" }, { "epsilon", T_ID, 0, "epsilon" },
	{ "eq", T_REL, MX_EQ, "" }, { "eqslantgtr", T_REL, MX_GE, "" },
	{ "eqslantless", T_REL, MX_LE, "" }, { "equals", T_REL, MX_EQ, "" },
	{ "equiv", T_REL, MX_CONG, "" }, { "eta", T_ID, 0, "eta" }, { "euro", T_CUR, 0, "EUR" },
	{ "exp", T_FUNC, 0, "exp" }, { "exponentialE", T_CONST, MX_E, "" },
	{ "fbox", K_SKIP, 0, "" }, { "flatfrac", T_FRAC, 0, "" }, { "floor", T_FUNC, 0, "floor" },
	{ "fontsize", K_DROP, 0, "" }, { "frac", T_FRAC, 0, "" }, { "framebox", K_SKIP, 0, "" },
	{ "gamma", T_ID, 0, "gamma" }, { "gcd", T_FUNC, 0, "gcd" }, { "ge", T_REL, MX_GE, "" },
	{ "geq", T_REL, MX_GE, "" }, { "geqq", T_REL, MX_GE, "" },
	{ "geqslant", T_REL, MX_GE, "" }, { "grave", T_ACCENT, '~', "" },
	{ "greater", T_REL, MX_GT, "" }, { "gt", T_REL, MX_GT, "" }, { "hat", T_ACCENT, 'v', "" },
	{ "hbar", T_ID, 0, "hbar" }, { "hbox", K_TEXT, 0, "" }, { "hfill", K_SKIP, 0, "" },
	{ "hline", K_SKIP, 0, "" }, { "hphantom", K_DROP, 0, "" }, { "hskip", K_DROP, 0, "" },
	{ "hspace", K_DROP, 0, "" }, { "huge", K_SKIP, 0, "" }, { "iff", T_IFF, 0, "" },
	{ "iint", T_BIG, MX_INTEGRAL, "2" }, { "imag", T_FUNC, 0, "im" },
	{ "imaginaryI", T_CONST, MX_I, "" }, { "imaginaryJ", T_CONST, MX_I, "" },
	{ "imath", T_ID, 0, "i" }, { "implies", T_IMPLIES, 0, "" }, { "in", T_REL, MX_IN, "" },
	{ "infin", T_CONST, MX_INF, "" }, { "infinity", T_CONST, MX_INF, "" },
	{ "infty", T_CONST, MX_INF, "" }, { "int", T_BIG, MX_INTEGRAL, "" },
	{ "intersect", T_INTER, 0, "" }, { "intertext", K_TEXT, 0, "" },
	{ "intop", T_BIG, MX_INTEGRAL, "" }, { "iota", T_ID, 0, "iota" },
	{ "isin", T_REL, MX_IN, "" }, { "it", K_ROMAN, 0, "" }, { "item", K_SKIP, 0, "" },
	{ "jmath", T_ID, 0, "j" }, { "kappa", T_ID, 0, "kappa" }, { "kern", K_DROP, 0, "" },
	{ "lVert", T_OPEN, B_NORM, "" }, { "label", K_DROP, 0, "" },
	{ "lambda", T_ID, 0, "lambda" }, { "land", T_ANDL, 0, "" },
	{ "lang", T_OPEN, B_ANGLE, "" }, { "langle", T_OPEN, B_ANGLE, "" },
	{ "large", K_SKIP, 0, "" }, { "lbrace", T_OPEN, B_SET, "" },
	{ "lbrack", T_OPEN, '[', "" }, { "lceil", T_OPEN, B_CEIL, "" },
	{ "lcm", T_FUNC, 0, "lcm" }, { "ldots", T_DOTS, 0, "" }, { "le", T_REL, MX_LE, "" },
	{ "left", K_LEFT, 0, "" }, { "leq", T_REL, MX_LE, "" }, { "leqq", T_REL, MX_LE, "" },
	{ "leqslant", T_REL, MX_LE, "" }, { "less", T_REL, MX_LT, "" },
	{ "lesssim", T_REL, MX_LE, "" }, { "lfloor", T_OPEN, B_FLOOR, "" },
	{ "lg", T_FUNC, 0, "lg" }, { "lgroup", T_OPEN, '(', "" }, { "lim", T_BIG, MX_LIM, "" },
	{ "liminf", T_BIG, MX_LIM, "" }, { "limits", K_SKIP, 0, "" },
	{ "limsup", T_BIG, MX_LIM, "" }, { "linebreak", K_SKIP, 0, "" },
	{ "ln", T_FUNC, 0, "ln" }, { "lnot", T_NOT, 0, "" }, { "log", T_FUNC, 0, "log" },
	{ "longmapsto", T_TO, 0, "" }, { "longrightarrow", T_TO, 0, "" }, { "lor", T_ORL, 0, "" },
	{ "lparen", T_OPEN, '(', "" }, { "lt", T_REL, MX_LT, "" }, { "lvert", T_OPEN, '|', "" },
	{ "mapsto", T_TO, 0, "" }, { "math", K_SKIP, 0, "" }, { "mathbb", K_BB, 0, "" },
	{ "mathbf", K_FONT, 0, "" }, { "mathbin", K_ROMAN, 0, "" }, { "mathcal", K_FONT, 0, "" },
	{ "mathclose", K_SKIP, 0, "" }, { "mathds", K_BB, 0, "" }, { "mathfrak", K_FONT, 0, "" },
	{ "mathinner", K_SKIP, 0, "" }, { "mathit", K_FONT, 0, "" },
	{ "mathnormal", K_ROMAN, 0, "" }, { "mathop", K_ROMAN, 0, "" },
	{ "mathopen", K_SKIP, 0, "" }, { "mathord", K_ROMAN, 0, "" },
	{ "mathpunct", K_SKIP, 0, "" }, { "mathrel", K_ROMAN, 0, "" },
	{ "mathrm", K_ROMAN, 0, "" }, { "mathscr", K_FONT, 0, "" }, { "mathsf", K_ROMAN, 0, "" },
	{ "mathstrut", K_SKIP, 0, "" }, { "mathtt", K_ROMAN, 0, "" },
	{ "mathup", K_ROMAN, 0, "" }, { "max", T_FUNC, 0, "max" }, { "mbox", K_TEXT, 0, "" },
	{ "measuredangle", K_SKIP, 0, "" }, { "medskip", K_SKIP, 0, "" },
	{ "medspace", K_SPACE, 0, "" }, { "mid", T_MID, 0, "" }, { "middle", K_SKIP, 0, "" },
	{ "midrule", K_SKIP, 0, "" }, { "min", T_FUNC, 0, "min" }, { "mod", T_MOD, 0, "" },
	{ "mp", T_PM, 1, "" }, { "mu", T_ID, 0, "mu" }, { "ne", T_REL, MX_NE, "" },
	{ "neg", T_NOT, 0, "" }, { "negthinspace", K_SPACE, 0, "" }, { "neq", T_REL, MX_NE, "" },
	{ "newline", K_GAP, 0, "" }, { "nicefrac", T_FRAC, 0, "" }, { "nobreak", K_SKIP, 0, "" },
	{ "nobreakspace", K_SKIP, 0, "" }, { "noindent", K_SKIP, 0, "" },
	{ "nolimits", K_SKIP, 0, "" }, { "nonumber", K_SKIP, 0, "" },
	{ "normalsize", K_SKIP, 0, "" }, { "not", T_NOTREL, 0, "" }, { "notag", K_DROP, 0, "" },
	{ "notin", T_REL, MX_NOTIN, "" }, { "nu", T_ID, 0, "nu" }, { "null", K_SKIP, 0, "" },
	{ "oint", T_BIG, MX_INTEGRAL, "" }, { "omega", T_ID, 0, "omega" },
	{ "operatorname", K_ROMAN, 0, "" }, { "over", T_OVER, 0, "" },
	{ "overbrace", K_SKIP, 0, "" }, { "overleftarrow", T_ACCENT, 'v', "" },
	{ "overleftrightarrow", T_ACCENT, 'v', "" }, { "overline", T_ACCENT, '-', "" },
	{ "overrightarrow", T_ACCENT, 'v', "" }, { "par", K_SKIP, 0, "" },
	{ "parallel", T_BAR, B_NORM, "" }, { "partial", T_PARTIAL, 0, "" },
	{ "percent", T_PERCENT, 0, "" }, { "permil", T_PERCENT, 0, "" },
	{ "perp", T_WORD, 0, "perp" }, { "phantom", K_DROP, 0, "" }, { "phi", T_ID, 0, "phi" },
	{ "pi", T_CONST, MX_PI, "" }, { "plus", T_OP, '+', "" }, { "pm", T_PM, 0, "" },
	{ "pmb", K_FONT, 0, "" }, { "pmod", T_PMOD, 0, "" }, { "pod", T_PMOD, 0, "" },
	{ "pound", T_CUR, 0, "GBP" }, { "pounds", T_CUR, 0, "GBP" }, { "prime", T_PRIME, 0, "" },
	{ "prod", T_BIG, MX_PROD, "" }, { "protect", K_SKIP, 0, "" }, { "psi", T_ID, 0, "psi" },
	{ "qquad", K_GAP, 0, "" }, { "quad", K_GAP, 0, "" }, { "rArr", T_IMPLIES, 0, "" },
	{ "rVert", T_CLOSE, B_NORM, "" }, { "rang", T_CLOSE, B_ANGLE, "" },
	{ "rangle", T_CLOSE, B_ANGLE, "" }, { "rbrace", T_CLOSE, B_SET, "" },
	{ "rbrack", T_CLOSE, ']', "" }, { "rceil", T_CLOSE, B_CEIL, "" },
	{ "real", T_FUNC, 0, "re" }, { "reals", T_NUMSET, 0, "R" }, { "ref", K_DROP, 0, "" },
	{ "relax", K_SKIP, 0, "" }, { "require", K_DROP, 0, "" },
	{ "rfloor", T_CLOSE, B_FLOOR, "" }, { "rfrac", T_FRAC, 0, "" },
	{ "rgroup", T_CLOSE, ')', "" }, { "rho", T_ID, 0, "rho" }, { "right", K_RIGHT, 0, "" },
	{ "rightarrow", T_TO, 0, "" }, { "rm", K_ROMAN, 0, "" }, { "rparen", T_CLOSE, ')', "" },
	{ "rule", K_DROP, 0, "" }, { "rvert", T_CLOSE, '|', "" }, { "sb", T_OP, '_', "" },
	{ "scriptscriptstyle", K_SKIP, 0, "" }, { "scriptstyle", K_SKIP, 0, "" },
	{ "sec", T_FUNC, 0, "sec" }, { "sech", T_FUNC, 0, "sech" },
	{ "setlength", K_DROP, 0, "" }, { "setminus", T_MINUS, 0, "" },
	{ "sfrac", T_FRAC, 0, "" }, { "sgn", T_FUNC, 0, "sgn" },
	{ "shortintertext", K_TEXT, 0, "" }, { "si", K_ROMAN, 0, "" },
	{ "sigma", T_ID, 0, "sigma" }, { "sign", T_FUNC, 0, "sgn" },
	{ "sim", T_REL, MX_APPROX, "" }, { "simeq", T_REL, MX_APPROX, "" },
	{ "sin", T_FUNC, 0, "sin" }, { "sinh", T_FUNC, 0, "sinh" }, { "slash", T_OP, '/', "" },
	{ "small", K_SKIP, 0, "" }, { "smallsetminus", T_MINUS, 0, "" },
	{ "smallskip", K_SKIP, 0, "" }, { "smash", K_SKIP, 0, "" }, { "sp", T_OP, '^', "" },
	{ "space", K_SPACE, 0, "" }, { "sqcup", T_UNION, 0, "" }, { "sqrt", T_SQRT, 0, "" },
	{ "square", T_WORD, 0, "square" }, { "star", T_OP, '*', "" }, { "strut", K_SKIP, 0, "" },
	{ "subset", T_REL, MX_SUBSET, "" }, { "subseteq", T_REL, MX_SUBSET, "" },
	{ "subseteqq", T_REL, MX_SUBSET, "" }, { "subsetneq", T_REL, MX_SUBSET, "" },
	{ "sum", T_BIG, MX_SUM, "" }, { "surd", T_SQRT, 0, "" }, { "tag", K_DROP, 0, "" },
	{ "tan", T_FUNC, 0, "tan" }, { "tanh", T_FUNC, 0, "tanh" }, { "tau", T_ID, 0, "tau" },
	{ "tbinom", T_BINOM, 0, "" }, { "text", K_TEXT, 0, "" }, { "textbf", K_TEXT, 0, "" },
	{ "textcolor", K_DROP, 0, "" }, { "textdollar", T_CUR, 0, "USD" },
	{ "textellipsis", T_DOTS, 0, "" }, { "texteuro", T_CUR, 0, "EUR" },
	{ "textit", K_TEXT, 0, "" }, { "textmd", K_TEXT, 0, "" }, { "textnormal", K_TEXT, 0, "" },
	{ "textrm", K_TEXT, 0, "" }, { "textsc", K_TEXT, 0, "" }, { "textsf", K_TEXT, 0, "" },
	{ "textsl", K_TEXT, 0, "" }, { "textsterling", T_CUR, 0, "GBP" },
	{ "textstyle", K_SKIP, 0, "" }, { "texttt", K_TEXT, 0, "" }, { "textup", K_TEXT, 0, "" },
	{ "tfrac", T_FRAC, 0, "" }, { "tg", T_FUNC, 0, "tan" },
	{ "therefore", T_WORD, 0, "therefore" }, { "theta", T_ID, 0, "theta" },
	{ "thickapprox", T_REL, MX_APPROX, "" }, { "thickspace", K_SPACE, 0, "" },
	{ "thinspace", K_SPACE, 0, "" }, { "tilde", T_ACCENT, '~', "" },
	{ "times", T_OP, '*', "" }, { "tiny", K_SKIP, 0, "" }, { "to", T_TO, 0, "" },
	{ "toprule", K_SKIP, 0, "" }, { "tr", T_FUNC, 0, "tr" }, { "triangle", K_SKIP, 0, "" },
	{ "triangleq", T_REL, MX_EQ, "" }, { "uline", K_SKIP, 0, "" },
	{ "underbrace", K_SKIP, 0, "" }, { "underline", K_SKIP, 0, "" },
	{ "union", T_UNION, 0, "" }, { "unit", K_ROMAN, 0, "" },
	{ "upsilon", T_ID, 0, "upsilon" }, { "varepsilon", T_ID, 0, "epsilon" },
	{ "varkappa", T_ID, 0, "kappa" }, { "varnothing", T_EMPTY, 0, "" },
	{ "varphi", T_ID, 0, "phi" }, { "varpi", T_CONST, MX_PI, "" },
	{ "varrho", T_ID, 0, "rho" }, { "varsigma", T_ID, 0, "sigma" },
	{ "vartheta", T_ID, 0, "theta" }, { "vdots", T_DOTS, 0, "" },
	{ "vec", T_ACCENT, 'v', "" }, { "vee", T_ORL, 0, "" }, { "vert", T_BAR, '|', "" },
	{ "vphantom", K_DROP, 0, "" }, { "vspace", K_DROP, 0, "" }, { "wedge", T_ANDL, 0, "" },
	{ "widebar", T_ACCENT, '-', "" }, { "widehat", T_ACCENT, 'v', "" },
	{ "widetilde", T_ACCENT, '~', "" }, { "xcancel", K_SKIP, 0, "" }, { "xi", T_ID, 0, "xi" },
	{ "yen", T_CUR, 0, "JPY" }, { "zeta", T_ID, 0, "zeta" },
};

static int entry_cmp(meed_str name, const char *other)
{
	size_t n = strlen(other), m = name.n < n ? name.n : n;
	int r = memcmp(name.p, other, m);

	return r ? r : (name.n > n) - (name.n < n);
}

const struct entry *mx_command(meed_str name)
{
	size_t lo = 0, hi = sizeof(commands) / sizeof(commands[0]);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int r = entry_cmp(name, commands[mid].name);

		if (!r)
			return &commands[mid];
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

bool mx_environment(meed_str name, enum env *ret)
{
	static const struct {
		const char *name;
		enum env env;
	} envs[] = {
		{ "matrix", ENV_MATRIX }, { "pmatrix", ENV_MATRIX }, { "bmatrix", ENV_MATRIX },
		{ "Bmatrix", ENV_MATRIX }, { "smallmatrix", ENV_MATRIX }, { "vmatrix", ENV_DET },
		{ "Vmatrix", ENV_NORM }, { "cases", ENV_CASES }, { "dcases", ENV_CASES },
		{ "rcases", ENV_CASES }, { "array", ENV_ARRAY }, { "tabular", ENV_ARRAY },
		{ "align", ENV_LINES }, { "aligned", ENV_LINES }, { "alignat", ENV_LINES },
		{ "equation", ENV_LINES }, { "gather", ENV_LINES }, { "gathered", ENV_LINES },
		{ "split", ENV_LINES }, { "multline", ENV_LINES }, { "eqnarray", ENV_LINES },
		{ "displaymath", ENV_LINES }, { "math", ENV_LINES }, { "center", ENV_LINES },
		{ "flalign", ENV_LINES }, { "alignedat", ENV_LINES }, { "dmath", ENV_LINES },
	};

	if (name.n > 0 && name.p[name.n - 1] == '*')
		name.n--;
	for (size_t i = 0; i < sizeof(envs) / sizeof(envs[0]); i++) {
		if (meed_eq(name, meed_s(envs[i].name))) {
			*ret = envs[i].env;
			return true;
		}
	}
	return false;
}
