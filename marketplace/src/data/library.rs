//! Which crates are the library's own: hints are about what users write.

/// The crates of this library.
const LIBRARY: [&str; 7] = [
    "marketplace",
    "marketplace_captp",
    "marketplace_cluster",
    "marketplace_cluster_zenoh",
    "marketplace_drivers",
    "marketplace_js",
    "vat",
];

/// Whether a path leads to something of the library's own.
pub(crate) fn is_of_library(path: &str) -> bool {
    path.split("::").next().is_some_and(|name| LIBRARY.contains(&name))
}
