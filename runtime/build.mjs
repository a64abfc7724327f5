// Makes the vendored scripts from the npm packages in package-lock.json: those that pages and the build run under static/vendor/, and
// what draws charts when the site is built under sitegen/vendor/, which is not published.
//
//     npm ci && node build.mjs            write them
//     npm ci && node build.mjs --check    compare them with the committed ones; status 1 if any differs
//
// The same lock file gives the same bytes. A site build does not run this: what it makes is committed.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';
import { EDITS, REPLACED, STUBS } from './stubs.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '..');
const PACKAGES = join(HERE, 'node_modules');

// Packages that come inside another one's published file, where the bundler cannot see them.
const INSIDE = { 'd3-array': ['internmap'] };

const REAL = 'real:'; // before the name of a module that a stub takes something from

/** The source of a package of Vega, module by module, as bundles tree-shake that; null for packages that come as one file. */
function source(name) {
  const index = join(PACKAGES, name, 'index.js');
  return name.startsWith('vega-') && name !== 'vega-canvas' && existsSync(index) ? index : null;
}

const stubs = {
  name: 'stubs',
  setup({ onResolve, onLoad, resolve }) {
    const found = (path) => ({ path, sideEffects: false }); // modules register what they offer in registries of their own
    onResolve({ filter: /^real:/ }, async ({ path, importer, resolveDir, kind }) => {
      const name = path.slice(REAL.length);
      return name.includes('/') ? found(join(PACKAGES, name)) : resolve(name, { importer, resolveDir, kind, pluginData: REAL });
    });
    onResolve({ filter: /^[a-z]/ }, ({ path, pluginData }) => {
      if (pluginData === REAL) return undefined;
      if (path in STUBS) return { path, namespace: 'stub', sideEffects: false };
      const index = source(path);
      return index ? found(index) : undefined;
    });
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const module = relative(PACKAGES, join(resolveDir, path));
      if (!/^vega-[^/]+\/(src|index)/.test(module)) return undefined;
      if (module in STUBS) return { path: module, namespace: 'stub', sideEffects: false };
      return found(module in REPLACED ? join(HERE, REPLACED[module]) : join(PACKAGES, module));
    });
    onLoad({ filter: /.*/, namespace: 'stub' }, ({ path }) => ({ contents: STUBS[path], resolveDir: join(PACKAGES, dirname(path)) }));
    onLoad({ filter: /[/\\](d3-\w+|vega-expression|vega-scenegraph)[/\\](dist|src)[/\\]/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const edited = (EDITS[relative(PACKAGES, path)] ?? []).reduce((sofar, [pattern, instead]) => {
        const changed = sofar.replace(pattern, instead);
        if (changed === sofar) throw new Error(`${path} has no ${pattern}: see EDITS in stubs.mjs`);
        return changed;
      }, text);
      return { contents: path.includes('d3-') ? marked(edited) : edited };
    });
  },
};

/** The text of a file of d3, where what is made at its top level, when nobody uses it, can be seen to have no effect. */
function marked(text) {
  const classes = /^function (\w+)\([^]*?^\}\n+\1\.prototype = \{[^]*?^\};\n/gm;
  const made = /^((?:var|const) [\w$]+ = )(?=\(function |\w+\()/gm;
  return text.replace(made, '$1/* @__PURE__ */ ').replace(classes, (whole, name) => `const ${name} = /* @__PURE__ */ (() => {${whole}return ${name};})();\n`);
}

/** The same script in fewer bytes: esbuild bundles well, terser shortens what it leaves by a twentieth. */
async function shortened(script) {
  const { code } = await minify(script, { compress: { passes: 3 }, ecma: 2020, format: { ascii_only: true, comments: false } });
  return code;
}

/** One classic script; also the sorted names of the packages that are in it. alias: package -> what stands in for it. */
async function bundle(entry, globalName, banner, alias = {}) {
  const result = await build({
    absWorkingDir: HERE,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName,
    target: 'es2021',
    charset: 'ascii', // so that the script is right whatever encoding a server claims
    legalComments: 'none', // the licences are in LICENSES.txt
    alias,
    plugins: [stubs],
    logLevel: 'warning',
  });
  const [output] = Object.values(result.metafile.outputs);
  const used = Object.entries(output.inputs)
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path.startsWith('node_modules/'))
    .map(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)[1]);
  const packages = [...new Set(used.flatMap((name) => [name, ...(INSIDE[name] ?? [])]))].sort();
  return { bytes: Buffer.from(`${banner}\n${await shortened(result.outputFiles[0].text)}\n`), packages };
}

/** Name, version, licence and licence text of an installed package. */
async function notice(name) {
  const folder = join(PACKAGES, name);
  const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} ${version} carries no licence file; look its terms up before vendoring it`);
  const text = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim();
  return { name, version, license, text };
}

function licences(files, notices) {
  const parts = ['Third-party scripts in this folder', '', 'Made by runtime/build.mjs from the npm packages below; do not edit by hand.', '', 'Files (SHA-256, bytes):'];
  for (const [name, { bytes, packages }] of files) {
    parts.push(`  ${name}  ${createHash('sha256').update(bytes).digest('hex')}  ${bytes.length}`);
    parts.push(`    from: ${packages.map((p) => `${p} ${notices.get(p).version}`).join(', ')}`);
  }
  const byText = new Map(); // many packages share one text
  for (const n of notices.values()) byText.set(n.text, [...(byText.get(n.text) ?? []), n]);
  for (const [text, group] of byText) {
    parts.push('', '-'.repeat(78), ...group.map((n) => `${n.name} ${n.version} (${n.license})`), '', text);
  }
  return Buffer.from(`${parts.join('\n')}\n`);
}

/** The files of a folder with the licences of all that is in them: [path from the root, bytes]. scripts: name -> {bytes, packages}. */
async function folder(path, scripts) {
  const files = Object.entries(scripts);
  const names = [...new Set(files.flatMap(([, { packages }]) => packages))].sort();
  const notices = new Map();
  for (const name of names) notices.set(name, await notice(name));
  return [...files.map(([name, { bytes }]) => [`${path}/${name}`, bytes]), [`${path}/LICENSES.txt`, licences(files, notices)]];
}

async function make() {
  const vega = await bundle(
    'vega-entry.mjs',
    'WordSpacesVega',
    '/* Vega, in the parts these pages use, with its expression interpreter. Licences: LICENSES.txt. */',
  );
  const search = await bundle('search-entry.mjs', 'WordSpacesSearch', '/* MiniSearch. Licence: LICENSES.txt. */');
  const temml = { bytes: await readFile(join(PACKAGES, 'temml', 'dist', 'temml.min.js')), packages: ['temml'] };
  const drawing = await bundle(
    'drawing-entry.mjs',
    'WordSpacesDrawing',
    '/* Vega-Lite and the same parts of Vega, to draw charts when the site is built. Licences: LICENSES.txt. */',
    { vega: 'vega-util', 'vega-canvas': './measuring-canvas.mjs' }, // of vega itself, Vega-Lite imports only what vega-util holds
  );
  return [
    ...(await folder('static/vendor', { 'vega-runtime.js': vega, 'minisearch.js': search, 'temml.min.js': temml })),
    ...(await folder('sitegen/vendor', { 'vega-drawing.js': drawing })),
  ];
}

const check = process.argv.includes('--check');
let differ = 0;
for (const [name, bytes] of await make()) {
  const path = join(ROOT, name);
  if (check) {
    const same = bytes.equals(await readFile(path).catch(() => Buffer.alloc(0)));
    if (!same) differ += 1;
    console.log(`${same ? 'same   ' : 'DIFFERS'}  ${name}`);
  } else {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    console.log(`${name}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);
  }
}
if (differ > 0) {
  console.error('The committed files are not what package-lock.json gives: run `npm ci && node build.mjs` in runtime/ and commit the result.');
  process.exitCode = 1;
}
