import { gzipSync } from 'node:zlib'
import { defineConfig } from 'vitest/config'

/** Beside each file the same compressed, which the agent sends to whoever takes it (common/http/files.hpp). */
const compressed = {
    name: 'compressed',
    apply: 'build' as const,
    generateBundle: {
        order: 'post' as const,
        handler(this: { emitFile(file: object): void }, _: unknown, bundle: Record<string, { type: string; code?: string; source?: string | Uint8Array }>) {
            for (const [name, file] of Object.entries(bundle)) {
                if (/\.(js|css)$/.test(name)) this.emitFile({ type: 'asset', fileName: `${name}.gz`, source: gzipSync(file.code ?? file.source ?? '', { level: 9 }) })
            }
        },
    },
}

// Strict Content-Security-Policy: nothing may become a data: address or an inline script.
export default defineConfig({
    plugins: [compressed as never],
    esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
    build: {
        target: 'es2021',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        emptyOutDir: true,
    },
    css: { preprocessorOptions: { scss: { quietDeps: true, loadPaths: ['node_modules'] } } },
    test: { include: ['src/**/*.test.ts'] },
})
