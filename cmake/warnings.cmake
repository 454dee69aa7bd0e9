# One interface library carries what every target of ours is compiled with.
add_library(bulkhead_options INTERFACE)
target_compile_options(bulkhead_options INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes Asio's aligned allocation of coroutine frames for a mismatch; the pair is right.
  target_compile_options(bulkhead_options INTERFACE -Wno-mismatched-new-delete)
endif()
if(BULKHEAD_SANITIZE)
  target_compile_options(bulkhead_options INTERFACE -fsanitize=${BULKHEAD_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(bulkhead_options INTERFACE -fsanitize=${BULKHEAD_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Clang 14 cannot assemble coroutines with the check of function pointers' types.
    target_compile_options(bulkhead_options INTERFACE -fno-sanitize=function)
  endif()
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(bulkhead_options INTERFACE -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  target_compile_definitions(bulkhead_options INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(bulkhead_options INTERFACE -Wl,-z,relro,-z,now)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
