//! The files by which a machine proves who it is.

use std::fs;
use std::path::{Path, PathBuf};

use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;

use crate::error::ZenohError;

/// The files by which a machine proves who it is, in PEM.
///
/// ```no_run
/// use marketplace_cluster_zenoh::{Certificates, Zenoh};
///
/// let certificates = Certificates {
///     authority: "ca.pem".into(),
///     certificate: "ann.pem".into(),
///     key: "ann.key".into(),
/// };
/// let ann = Zenoh::new("ann").certificates(certificates).listen("0.0.0.0:7000");
/// # let _ = ann;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificates {
    /// The certificate of the authority that has signed those of all machines.
    pub authority: PathBuf,
    /// The certificate of this machine. Its common name is the machine's name.
    pub certificate: PathBuf,
    /// The private key that belongs to it.
    pub key: PathBuf,
}

impl Certificates {
    /// # Errors If a file has not what it is to have, or the certificate is not for the machine of
    /// this name.
    pub(crate) fn check(&self, name: &str) -> Result<(), ZenohError> {
        const CERTIFICATE: &str = "certificate";
        common_name(&self.authority, &first(&self.authority, CERTIFICATE)?)?;
        let file = &self.certificate;
        let found = common_name(file, &first(file, CERTIFICATE)?)?;
        if found.as_deref() != Some(name) {
            let (file, name) = (file.display().to_string(), name.to_string());
            return Err(ZenohError::OtherMachine { file, found: found.unwrap_or_default(), name });
        }
        let pem = first(&self.key, "private key")?;
        if pem.label.ends_with("PRIVATE KEY") {
            return Ok(());
        }
        Err(none(&self.key, "private key", format!("there is a {}", pem.label)))
    }
}

fn none(file: &Path, what: &'static str, why: String) -> ZenohError {
    ZenohError::Pem { file: file.display().to_string(), what, why }
}

/// The first thing in a file of PEM.
fn first(file: &Path, what: &'static str) -> Result<Pem, ZenohError> {
    let bytes = fs::read(file)
        .map_err(|error| ZenohError::File { file: file.display().to_string(), why: error.to_string() })?;
    match Pem::iter_from_buffer(&bytes).next() {
        Some(Ok(pem)) => Ok(pem),
        Some(Err(error)) => Err(none(file, what, error.to_string())),
        None => Err(none(file, what, "it is empty, or no PEM".to_string())),
    }
}

/// The common name in a certificate.
fn common_name(file: &Path, pem: &Pem) -> Result<Option<String>, ZenohError> {
    let (_, certificate) = X509Certificate::from_der(&pem.contents)
        .map_err(|error| none(file, "certificate", error.to_string()))?;
    let found = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    Ok(found.map(str::to_string))
}
