# The four kinds of target that a folder declares. Flags live on one INTERFACE target; sanitizers and optimisation
# live in CMakePresets.json, because they must be equal for every target of a build.
#
#   mash_library(NAME common_base SOURCES error.cpp DEPS other_target [PRIVATE_DEPS library])
#       A library of the folder's sources; its headers are every *.hpp of the folder. Without SOURCES: headers only.
#   mash_program(NAME mash-broker SOURCES main.cpp DEPS broker_shell)
#       An executable in <build>/bin.
#   mash_test(NAME test_common_base SOURCES id_test.cpp DEPS common_base LABEL unit [TIMEOUT s] [ARGS ...]
#             [ENVIRONMENT NAME=value ...] [NEEDS target ...] [OWN_MAIN] [RUN_SERIAL])
#       One GoogleTest executable and one ctest entry. NEEDS: programs that the test starts.
#   mash_fuzz(NAME fuzz_codec SOURCES codec_fuzz.cpp DEPS common_wire CORPUS folder [MUTATIONS n])
#       A file with LLVMFuzzerTestOneInput. MASH_FUZZ=ON: libFuzzer. Otherwise a driver of ours runs each corpus file
#       and MUTATIONS changed copies of each. Both are ctest entries with label fuzz.
include_guard(GLOBAL)

find_package(Threads REQUIRED)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# `all_verify_interface_header_sets` compiles each header alone.
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)

find_program(MASH_CCACHE ccache)
if(MASH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # With its paths made relative, a second checkout beside this one compiles nothing that this one has compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" "${MASH_CCACHE}")
endif()

set(MASH_TIMEOUT_FACTOR 1 CACHE STRING "Sanitizers slow tests down: their time limits are multiplied by this")

set(MASH_UNIT_TEST_OPTIONS "" CACHE STRING "Further compiler options for the sources of quick tests (-O0 halves their build)")

add_library(mash_options INTERFACE)
target_include_directories(mash_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_link_libraries(mash_options INTERFACE Threads::Threads)
find_program(MASH_MOLD mold)
if(MASH_MOLD)
    target_link_options(mash_options INTERFACE -fuse-ld=mold)
endif()

# Never linked by generated code.
add_library(mash_warnings INTERFACE)
target_compile_options(mash_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch
    $<$<BOOL:${MASH_WARNINGS_AS_ERRORS}>:-Werror>)

function(mash_library)
    cmake_parse_arguments(arg "" "NAME" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
    file(GLOB headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.hpp")
    if(arg_SOURCES)
        add_library(${arg_NAME} STATIC ${arg_SOURCES})
        target_sources(${arg_NAME} PUBLIC
            FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${headers})
        target_link_libraries(${arg_NAME} PUBLIC mash_options ${arg_DEPS}
            PRIVATE mash_warnings ${arg_PRIVATE_DEPS})
    else()
        add_library(${arg_NAME} INTERFACE)
        target_sources(${arg_NAME} INTERFACE
            FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${headers})
        target_link_libraries(${arg_NAME} INTERFACE mash_options ${arg_DEPS})
    endif()
endfunction()

function(mash_program)
    cmake_parse_arguments(arg "" "NAME" "SOURCES;DEPS" ${ARGN})
    add_executable(${arg_NAME} ${arg_SOURCES})
    target_link_libraries(${arg_NAME} PRIVATE mash_options mash_warnings ${arg_DEPS})
    set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
endfunction()

function(mash_test)
    cmake_parse_arguments(arg "OWN_MAIN;RUN_SERIAL" "NAME;LABEL;TIMEOUT" "SOURCES;DEPS;ARGS;ENVIRONMENT;NEEDS" ${ARGN})
    if(NOT BUILD_TESTING)
        return()
    endif()
    if(NOT arg_LABEL)
        set(arg_LABEL unit)
    endif()
    find_package(GTest REQUIRED)
    add_executable(${arg_NAME} ${arg_SOURCES})
    target_link_libraries(${arg_NAME} PRIVATE mash_options mash_warnings ${arg_DEPS} test_paths GTest::gmock)
    if(NOT arg_OWN_MAIN)
        target_link_libraries(${arg_NAME} PRIVATE GTest::gmock_main)
    endif()
    if(arg_LABEL MATCHES "^(unit|contract|layering|integration)$")
        target_compile_options(${arg_NAME} PRIVATE ${MASH_UNIT_TEST_OPTIONS})
    endif()
    set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests/bin")
    if(arg_NEEDS)
        add_dependencies(${arg_NAME} ${arg_NEEDS})
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * ${MASH_TIMEOUT_FACTOR}")
    add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} ${arg_ARGS})
    set_tests_properties(${arg_NAME} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT}
        ENVIRONMENT "${arg_ENVIRONMENT}" RUN_SERIAL ${arg_RUN_SERIAL})
endfunction()

function(mash_fuzz)
    cmake_parse_arguments(arg "" "NAME;CORPUS;MUTATIONS" "SOURCES;DEPS" ${ARGN})
    if(NOT BUILD_TESTING)
        return()
    endif()
    cmake_path(ABSOLUTE_PATH arg_CORPUS BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
    if(NOT arg_MUTATIONS)
        set(arg_MUTATIONS 500)
    endif()
    add_executable(${arg_NAME} ${arg_SOURCES})
    target_link_libraries(${arg_NAME} PRIVATE mash_options mash_warnings ${arg_DEPS})
    set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz/bin")
    if(MASH_FUZZ)
        target_link_options(${arg_NAME} PRIVATE -fsanitize=fuzzer)
        # libFuzzer writes what it finds into its first folder: one in the build tree, never the seeds.
        set(found "${PROJECT_BINARY_DIR}/fuzz/found/${arg_NAME}")
        file(MAKE_DIRECTORY "${found}")
        add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} -seed=1 -max_total_time=60 -timeout=10
            "-artifact_prefix=${found}/" "${found}" "${arg_CORPUS}")
    else()
        target_sources(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/cmake/fuzz_driver.cpp")
        add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} "${arg_CORPUS}" --mutations ${arg_MUTATIONS})
    endif()
    math(EXPR timeout "300 * ${MASH_TIMEOUT_FACTOR}")
    set_tests_properties(${arg_NAME} PROPERTIES LABELS fuzz TIMEOUT ${timeout})
endfunction()
