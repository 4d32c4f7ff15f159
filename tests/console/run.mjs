// Runs the console's units, a file of its journeys or what measures it; 77 (skipped), with the reason, where packages, console or browser are not there.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const what = process.argv[2]
const source = fileURLToPath(new URL('../../agents/console', import.meta.url))
const skip = (why) => {
    console.log(`test_console_${what}: Skipped\n${why}`)
    process.exit(77)
}
const run = (args, cwd) => process.exit(spawnSync(process.execPath, args, { cwd, stdio: 'inherit' }).status ?? 1)

const vitest = join(source, 'node_modules/vitest/vitest.mjs')
if (!existsSync(vitest)) skip('The packages of agents/console could not be fetched')
if (what === 'units') run([vitest, 'run'], source)
if (!existsSync(join(process.env.MASH_CONSOLE ?? '', 'index.html'))) skip('The console is not built: cmake --build ... --target console')
if (!existsSync(process.env.MASH_CHROMIUM ?? '/usr/bin/chromium')) skip('There is no /usr/bin/chromium: deploy/install test installs it')
if (what === 'speed') run([fileURLToPath(new URL('speed.mjs', import.meta.url)), ...process.argv.slice(3)])
run(['--test', fileURLToPath(new URL(`${what}.test.mjs`, import.meta.url))])
