import { defineConfig } from 'vitest/config'

// Strict Content-Security-Policy: nothing may become a data: address or an inline script.
export default defineConfig({
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
