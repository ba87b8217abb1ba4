// Two small things that a page without script lacks: asking the server, and chapters of the film.

const requests = {
  whole: { method: 'GET', fields: {} },
  head: { method: 'HEAD', fields: {} },
  part: { method: 'GET', fields: { Range: 'bytes=0-14' } },
  changed: { method: 'GET', fields: {} },
};

const here = new URL('./', document.baseURI);

/** Asks for the front page in one of four ways and tells what was asked and what came back. */
async function ask(name) {
  const { method, fields } = requests[name];
  const asked = { ...fields };
  if (name === 'changed') asked['If-None-Match'] = await currentTag();
  const response = await fetch(here, { method, headers: asked, cache: 'no-store' });
  const content = await response.text();
  return { method, asked, response, content };
}

async function currentTag() {
  const response = await fetch(here, { method: 'HEAD', cache: 'no-store' });
  // Read to its end, empty as it is: the browser counts an answer that nobody reads as broken off.
  await response.text();
  return response.headers.get('etag') ?? '"none"';
}

function show(output, { method, asked, response, content }) {
  const lines = [
    ['b', `${method} ${here.pathname}`],
    ...Object.entries(asked).map(([name, value]) => ['', `${name}: ${value}`]),
    ['', ''],
    ['b', `${response.status} ${response.statusText}`],
    ...[...response.headers].map(([name, value]) => ['', `${name}: ${value}`]),
    ['', ''],
    ['i', contentLine(content)],
  ];
  output.replaceChildren(...lines.flatMap(([tag, text]) => [tag ? element(tag, text) : text, '\n']));
}

function contentLine(content) {
  if (content === '') return '(no content)';
  return content.length < 80 ? content : `(${content.length.toLocaleString('en')} characters of HTML)`;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function press(buttons, pressed) {
  for (const button of buttons) button.setAttribute('aria-pressed', String(button === pressed));
}

const section = document.querySelector('#ask');
if (section) {
  const output = section.querySelector('.answer');
  const buttons = [...section.querySelectorAll('button')];
  section.hidden = false;
  for (const button of buttons) {
    button.addEventListener('click', async () => {
      press(buttons, button);
      try {
        show(output, await ask(button.value));
      } catch {
        output.textContent = 'No answer came. Is the server still running?';
      }
    });
  }
}

const film = document.querySelector('#film video');
if (film) {
  const chapters = document.querySelector('#film .chapters');
  const buttons = [...chapters.querySelectorAll('button')];
  chapters.hidden = false;
  for (const button of buttons) {
    button.addEventListener('click', () => {
      film.currentTime = Number(button.value);
    });
  }
  const follow = () => press(buttons, buttons.findLast(button => Number(button.value) <= film.currentTime));
  film.addEventListener('timeupdate', follow);
  film.addEventListener('seeked', follow);
}
