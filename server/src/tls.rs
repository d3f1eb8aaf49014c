//! The server's end of TLS: certificate and key read from PEM files, made by `init` where nobody else makes
//! one, and the pins of its keys, which invitations carry.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridbook_core::sync::address::ServerPin;
use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::error::{Error, Result};

/// The certificate that `init` makes, in the data folder.
pub const CERTIFICATE: &str = "tls-cert.pem";
/// Its key.
pub const KEY: &str = "tls-key.pem";
/// A second key, pinned beside the first: should the first be lost or stolen, a certificate for this one
/// keeps every phone. Keep it somewhere else than on the server.
pub const SPARE_KEY: &str = "tls-spare-key.pem";

/// Makes ring the process's cryptography for TLS, unless something was chosen before: whoever builds a client of
/// the HTTP library without naming one gets it.
pub fn choose_cryptography() {
    ring::default_provider().install_default().ok();
}

/// Where certificate and key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The certificate, and after it the chain up to its authority, if there is one.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Files {
    /// The files that `init` made in a data folder, if it did.
    #[must_use]
    pub fn in_data(data: &Path) -> Option<Self> {
        let files = Self { certificate: data.join(CERTIFICATE), key: data.join(KEY) };
        files.certificate.exists().then_some(files)
    }

    /// Reads them; TLS 1.2 and 1.3 are spoken, nothing older.
    ///
    /// # Errors
    /// [`Error::Admin`] naming the file and what is wrong with it.
    pub fn acceptor(&self) -> Result<TlsAcceptor> {
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect)
            .map_err(|error| unreadable(&self.certificate, &error))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| unreadable(&self.key, &error))?;
        let failed = |error| Error::admin(format!("{}: {error}", self.certificate.display()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(failed)?;
        let mut config = config.with_no_client_auth().with_single_cert(chain, key).map_err(failed)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// What invitations carry: the key of the certificate, and the spare one if it is beside it.
    ///
    /// # Errors
    /// [`Error::Admin`] naming the file and what is wrong with it.
    pub fn pins(&self, data: &Path) -> Result<Vec<ServerPin>> {
        let certificate = CertificateDer::from_pem_file(&self.certificate)
            .map_err(|error| unreadable(&self.certificate, &error))?;
        let parsed = webpki::EndEntityCert::try_from(&certificate)
            .map_err(|error| unreadable(&self.certificate, &error))?;
        let mut pins = vec![ServerPin::of(&parsed.subject_public_key_info())];
        let spare = data.join(SPARE_KEY);
        if spare.exists() {
            let text = fs::read_to_string(&spare);
            let text = text.map_err(|source| Error::File { path: spare.clone(), source })?;
            let key = KeyPair::from_pem(&text).map_err(|error| unreadable(&spare, &error))?;
            pins.push(ServerPin::of(&key.subject_public_key_info()));
        }
        Ok(pins)
    }
}

/// Makes a key with a self-signed certificate for these names, and a spare key, in the data folder. Phones know
/// the server by the key alone, so that the certificate holds for ever.
///
/// # Errors
/// [`Error::Admin`] if there is one already, or a name is none.
pub fn make(data: &Path, names: &[String]) -> Result<Files> {
    let files = Files { certificate: data.join(CERTIFICATE), key: data.join(KEY) };
    if files.certificate.exists() || files.key.exists() {
        let rule = "there is a certificate already; enrolled phones know it, so remove it only if it is lost";
        return Err(Error::admin(format!("{}: {rule}", files.certificate.display())));
    }
    let failed = |error: rcgen::Error| Error::admin(format!("certificate: {error}"));
    let mut parameters = CertificateParams::new(names).map_err(failed)?;
    parameters.distinguished_name.push(DnType::CommonName, names.first().map_or("gridbook", String::as_str));
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = parameters.self_signed(&key).map_err(failed)?;
    let spare = KeyPair::generate().map_err(failed)?;
    write_private(&files.key, &key.serialize_pem())?;
    write_private(&data.join(SPARE_KEY), &spare.serialize_pem())?;
    write_private(&files.certificate, &certificate.pem())?;
    Ok(files)
}

fn unreadable(file: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::admin(format!("{}: {why}; a PEM file is needed", file.display()))
}

fn write_private(file: &Path, text: &str) -> Result<()> {
    let failed = |source| Error::File { path: file.to_owned(), source };
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)
}
