/* server.js HOST PORT - the judge of apps.py on Node's http, its answers in chunks. */
const http = require('http'), fs = require('fs');

const found = (name, body) => Number((body.match('\\[\\[' + name + ' (\\d+)\\]\\]') || [0, 0])[1]);
function answer(res, body)
{
	const n = String(found('points', body));

	fs.appendFileSync(process.env.ASKED, n + '\n');
	res.setHeader('Content-Type', 'application/json');
	if (process.env.CLOSE)
		res.setHeader('Connection', 'close');
	res.write('{"choices":[{"index":0,"message":{"role":"assistant","content":');
	res.write(JSON.stringify(n) + '},"finish_reason":"stop"}],"pad":"');
	res.end('x'.repeat(found('pad', body)) + '"}');
}

const server = http.createServer((req, res) => {
	const parts = [];
	req.on('data', (p) => parts.push(p));
	req.on('end', () => {
		const body = Buffer.concat(parts).toString();

		setTimeout(() => answer(res, body), found('wait', body));
	});
});
if (process.env.IDLE)
	server.keepAliveTimeout = 1000 * Number(process.env.IDLE);
server.listen(Number(process.argv[3]), process.argv[2], 1024);
