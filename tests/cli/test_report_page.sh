#!/bin/sh
# test_report_page.sh - the page: complete in itself, the same every time, and what a browser makes of
# it. The browser is Debian's chromium; where there is none, that part is left out.
. "$(dirname "$0")/lib.sh"

reportfix=$builddir/tests/unit/reportfix
[ -x "$reportfix" ] || {
	echo "no program $reportfix: run make check_PROGRAMS=tests/unit/reportfix check"
	exit 99
}
command -v gnuplot >/dev/null || {
	echo "no gnuplot: skipped"
	exit 77
}

"$reportfix" html >page.html 2>err
claim "the page is written" test -s page.html
"$reportfix" html >again.html
claim "the same report gives the same bytes" cmp page.html again.html

# what is between <style> and </style>, as the browser hashes it
awk '/<style>/ { on = 1; sub(/.*<style>/, "") }
	/<\/style>/ { sub(/<\/style>.*/, ""); printf "%s", $0; exit }
	on { print }' page.html >style
if command -v openssl >/dev/null; then
	hash=$(openssl dgst -sha256 -binary style | openssl base64)
else
	hash=$(sha256sum style | cut -c1-64 | xxd -r -p | base64)
fi
claim "the policy names the style sheet's hash, $hash" has page.html "style-src 'sha256-$hash'"
claim "it loads nothing by default" has page.html "default-src 'none'"
claim "no address stands in it" lacks page.html "://"
claim "no script" lacks page.html "<script"
claim "no style attribute" lacks page.html " style="
claim "no handler" sh -c '! grep -Eiq "<[a-z]+[^>]* on[a-z]+=" page.html'
claim "references stay inside" sh -c '! grep -Eo "(href|src)=\"[^\"]*\"" page.html | grep -v "=\"#"'
grep -o ' id="[^"]*"' page.html | sort | uniq -d >twice
claim "ids are unique" is_empty twice
grep -o 'href="#[^"]*"' page.html | sed 's/href="#/ id="/' | sort -u >refs
grep -o ' id="[^"]*"' page.html | sort -u >ids
comm -23 refs ids >dangling
claim "every reference has its target" is_empty dangling
claim "hostile names are text" has page.html "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"
claim "columns have headers" has page.html '<th scope="col"'
claim "rows have headers" has page.html '<th scope="row"'
claim "drawings have names" has page.html 'role="img" aria-label="Accuracy by subset"'
claim "no colour of a script is left" sh -c '! grep -Eq "rgb\((10|11),0,[0-9]\)" page.html'

if ! command -v chromium >/dev/null; then
	echo "# no chromium: what a browser makes of it is not tested"
	finish
fi

browse()
{
	timeout 120 chromium --headless=new --no-sandbox --disable-gpu --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync \
		--disable-dev-shm-usage --disable-extensions --disable-default-apps \
		--user-data-dir="$work/profile" --enable-logging=stderr --log-net-log="$work/net.json" \
		"$@" "file://$work/page.html"
}

browse --dump-dom >dom.html 2>log
claim "the browser reads it" has dom.html "</html>"
n=$(grep -o '<figure' dom.html | wc -l)
claim "all 8 figures are there ($n)" test "$n" -eq 8
n=$(grep -o '<svg [^>]*role="img"' dom.html | wc -l)
claim "7 drawings are there, the eighth has nothing to draw ($n)" test "$n" -eq 7
n=$(grep -o '<path [^>]*d="M' dom.html | wc -l)
claim "the drawings have lines ($n)" test "$n" -gt 50
n=$(grep -o 'fill="var(--s[0-9])"' dom.html | wc -l)
claim "bars take their colours from the style sheet ($n)" test "$n" -gt 20
claim "text of a drawing is text" has_re dom.html '<text>llmbar-adver-neighbor</text>'
claim "the browser took the page's text for text" has dom.html "&lt;script&gt;alert('x')&lt;/script&gt;"
claim "the policy refuses nothing of the page" lacks log "Content Security Policy"
claim "no request leaves the machine" sh -c '! grep -Eo "\"url\":\"(https?|wss?|ftp):[^\"]*\"" net.json |
	grep -v "google\|gstatic\|gvt1"'

finish
