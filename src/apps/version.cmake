# Writes the header that names version and commit. Run at each build.
set(COMMIT "unknown")
if(GIT)
  execute_process(COMMAND "${GIT}" -C "${SOURCE}" rev-parse --short=12 HEAD
    OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(COMMIT "${found}")
  endif()
endif()
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
