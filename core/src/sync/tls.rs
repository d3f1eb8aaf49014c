//! How the client knows the server: TLS 1.2 or newer, and the pinned key where an invitation brought one.
//!
//! A pin is the whole identity. The certificate around the key is not looked at: neither its dates, because
//! the clock of a phone may be wrong by years and an expired certificate must not stop a district, nor its
//! name or issuer, because the key was handed over in person and nobody else holds it. The handshake's
//! signature by that key is checked. Without a pin, the platform's certificate authorities, name and dates decide.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;

use super::address::ServerPin;
use crate::error::{Error, Result};

/// A configuration that accepts the server with one of these keys, or, with none, whom the platform trusts.
pub(super) fn config(pins: &[ServerPin]) -> Result<ClientConfig> {
    let unusable = |error: rustls::Error| Error::Offline(format!("TLS: {error}"));
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(unusable)?;
    let builder = if pins.is_empty() {
        builder.with_platform_verifier().map_err(unusable)?
    } else {
        let pinned = Arc::new(Pinned { pins: pins.to_vec(), provider });
        builder.dangerous().with_custom_certificate_verifier(pinned)
    };
    Ok(builder.with_no_client_auth())
}

/// Accepts a server by its key alone.
#[derive(Debug)]
struct Pinned {
    pins: Vec<ServerPin>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let bad = |error| rustls::Error::InvalidCertificate(error);
        let certificate =
            webpki::EndEntityCert::try_from(end_entity).map_err(|_| bad(CertificateError::BadEncoding))?;
        if self.pins.contains(&ServerPin::of(&certificate.subject_public_key_info())) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(bad(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
