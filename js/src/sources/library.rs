//! The modules that are there without a file.

/// Each module, and what it exports.
const LIBRARY: [(&str, &[&str]); 8] = [
    ("@agoric/harden", &["default"]),
    ("@agoric/nat", &["default", "Nat"]),
    ("@agoric/eventual-send", &["E", "HandledPromise"]),
    ("@agoric/marshal", &["makeMarshal", "mustPassByPresence", "passStyleOf", "QCLASS", "Far"]),
    ("@endo/far", &["E", "Far", "passStyleOf"]),
    ("@endo/eventual-send", &["E", "HandledPromise"]),
    ("@endo/nat", &["Nat", "isNat"]),
    ("@endo/harden", &["default", "harden"]),
];

/// The text of a module. The prelude has put the library where it finds it.
pub(super) fn module(name: &str) -> Option<String> {
    let (_, exports) = LIBRARY.iter().find(|(known, _)| *known == name)?;
    let mut text = format!("const m = globalThis.__library[{name:?}];\n");
    for export in *exports {
        text += &match *export {
            "default" => "export default m.default;\n".to_string(),
            name => format!("export const {name} = m.{name};\n"),
        };
    }
    Some(text)
}
