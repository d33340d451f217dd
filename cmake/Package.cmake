# The package for other programs: one archive of all that minap2p_node needs of this project, its public headers, and
# what CMake and pkg-config want to know (docs/LIBRARY.md).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
find_package(Threads REQUIRED)

# The project's own libraries that a library needs, itself first.
function(minap2p_closure root result)
  set(waiting ${root})
  set(found "")
  while(waiting)
    list(POP_FRONT waiting library)
    if(NOT TARGET ${library} OR library IN_LIST found OR library MATCHES "::")
      continue()
    endif()
    list(APPEND found ${library})
    get_target_property(type ${library} TYPE)
    if(type STREQUAL "INTERFACE_LIBRARY")
      get_target_property(needed ${library} INTERFACE_LINK_LIBRARIES)
    else()
      get_target_property(needed ${library} LINK_LIBRARIES)
    endif()
    if(needed)
      list(APPEND waiting ${needed})
    endif()
  endwhile()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

minap2p_closure(minap2p_node libraries)
set(objects "")
foreach(library ${libraries})
  get_target_property(type ${library} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    list(APPEND objects "$<TARGET_OBJECTS:${library}>")
  endif()
endforeach()

add_library(minap2p_bundle STATIC ${objects})
add_library(minap2p::minap2p ALIAS minap2p_bundle)
set_target_properties(minap2p_bundle PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME minap2p EXPORT_NAME minap2p)
target_compile_features(minap2p_bundle INTERFACE cxx_std_20)
target_include_directories(minap2p_bundle INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src/node/include>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
# What others have: linked, and nothing more. minap2pConfig.cmake and minap2p.pc find the same.
set(others PkgConfig::SODIUM PkgConfig::SECP256K1 PkgConfig::CARES PkgConfig::SQLITE3 OpenSSL::Crypto fmt::fmt
  Threads::Threads)
foreach(other ${others})
  target_link_libraries(minap2p_bundle INTERFACE "$<LINK_ONLY:${other}>")
endforeach()

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/minap2p")
install(TARGETS minap2p_bundle EXPORT minap2pTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT minap2pTargets NAMESPACE minap2p:: DESTINATION "${package_dir}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/src/node/include/minap2p" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h")

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/minap2pConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/package/minap2pConfig.cmake" INSTALL_DESTINATION "${package_dir}")
# While the version is 0.x, each minor one may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/minap2pConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/package/minap2pConfig.cmake"
  "${PROJECT_BINARY_DIR}/package/minap2pConfigVersion.cmake" DESTINATION "${package_dir}")

# The prefix is told from where the file is, so that the installed tree may be moved.
file(RELATIVE_PATH prefix_from_pc "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" prefix_from_pc "${prefix_from_pc}")
configure_file("${CMAKE_CURRENT_LIST_DIR}/minap2p.pc.in" "${PROJECT_BINARY_DIR}/package/minap2p.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/package/minap2p.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
