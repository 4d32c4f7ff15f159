# Fetches the packages if they are not there, checks the types, builds. A registry out of reach leaves the console out; a fault
# of our own breaks the build. Called by CMakeLists.txt with npm, source, into and stamp.
set(packages "${source}/node_modules/.package-lock.json")
if(NOT EXISTS "${packages}" OR "${source}/package-lock.json" IS_NEWER_THAN "${packages}")
    execute_process(COMMAND "${npm}" ci --ignore-scripts --no-audit --no-fund --fetch-retries=1
        WORKING_DIRECTORY "${source}" RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(failed)
        message("The console is left out: its packages could not be fetched. The agents' plain page says so. npm said:\n${said}")
        file(REMOVE_RECURSE "${into}")
        # No stamp: the next build tries again.
        return()
    endif()
endif()
execute_process(COMMAND "${npm}" run --silent build -- --outDir "${into}" --emptyOutDir
    WORKING_DIRECTORY "${source}" RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "The console does not build; the reason is above")
endif()
file(GLOB scripts "${into}/assets/*.js")
foreach(script IN LISTS scripts)
    file(ARCHIVE_CREATE OUTPUT "${into}.size.gz" PATHS "${script}" FORMAT raw COMPRESSION GZip)
    file(SIZE "${into}.size.gz" bytes)
    message("console: script of the first page is ${bytes} bytes compressed")
    if(bytes GREATER 153600)
        message(FATAL_ERROR "The script of the first page is over 150 KB compressed")
    endif()
endforeach()
file(REMOVE "${into}.size.gz")
file(TOUCH "${stamp}")
