//! Compiles the proto files into Rust code and a descriptor set. Needs no `protoc`.
//!
//! The `Debug` of every message is written here and shows the message's name only: messages hold
//! personal data, and `Debug` output finds its way into logs.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use prost::Message as _;
use tonic_prost_build::{Config, FileDescriptorSet};

const PACKAGE: &str = "fokus.v1";

const FILES: &[&str] = &[
    "fokus/v1/types.proto",
    "fokus/v1/commands.proto",
    "fokus/v1/people.proto",
    "fokus/v1/casework_commands.proto",
    "fokus/v1/casework_types.proto",
    "fokus/v1/assessing.proto",
    "fokus/v1/trajectory.proto",
    "fokus/v1/statistics.proto",
    "fokus/v1/journal_service.proto",
    "fokus/v1/family_service.proto",
    "fokus/v1/audit_service.proto",
    "fokus/v1/work_service.proto",
    "fokus/v1/programme_service.proto",
    "fokus/v1/operations_service.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from("../../proto");
    let files: Vec<PathBuf> = FILES.iter().map(|it| root.join(it)).collect();
    println!("cargo:rerun-if-changed={}", root.display());

    let descriptors = protox::compile(&files, [&root])?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    std::fs::write(out.join("fokus_descriptor_set.bin"), descriptors.encode_to_vec())?;

    let redacted = redacted(&descriptors);
    std::fs::write(out.join("redacted_debug.rs"), debug_code(&redacted)?)?;

    let mut config = Config::new();
    config.enable_type_names();
    config.skip_debug(redacted.iter().map(|it| &it.proto));
    tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        .compile_fds_with_config(descriptors, config)?;
    Ok(())
}

/// A type whose `Debug` shows no values.
struct Redacted {
    /// The full name in the proto files.
    proto: String,
    /// The path from the generated module.
    rust: String,
}

/// Every message of the package, and every real `oneof`.
fn redacted(descriptors: &FileDescriptorSet) -> Vec<Redacted> {
    let ours = descriptors.file.iter().filter(|it| it.package() == PACKAGE);
    let mut types = Vec::new();
    for message in ours.flat_map(|it| &it.message_type) {
        let name = message.name();
        types.push(Redacted { proto: format!("{PACKAGE}.{name}"), rust: name.to_owned() });
        // A synthetic oneof stands for an `optional` field; its name begins with `_`.
        for oneof in message.oneof_decl.iter().filter(|it| !it.name().starts_with('_')) {
            types.push(Redacted {
                proto: format!("{PACKAGE}.{name}.{}", oneof.name()),
                rust: format!("{}::{}", snake_case(name), camel_case(oneof.name())),
            });
        }
    }
    types
}

fn debug_code(types: &[Redacted]) -> Result<String, std::fmt::Error> {
    let mut code = String::new();
    for Redacted { rust, .. } in types {
        write!(
            code,
            "impl ::core::fmt::Debug for {rust} {{
                 fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{
                     f.write_str(\"{rust}(…)\")
                 }}
             }}
             "
        )?;
    }
    Ok(code)
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for (i, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

fn camel_case(name: &str) -> String {
    let mut out = String::new();
    for part in name.split('_') {
        let mut letters = part.chars();
        out.extend(letters.next().map(|it| it.to_ascii_uppercase()));
        out.extend(letters);
    }
    out
}
