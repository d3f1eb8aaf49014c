//! Stories of phones that know their server by its key: whoever else answers gets no byte of a request.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::Site;
use gridbook_core::Error;
use gridbook_core::clock::Surroundings;
use gridbook_core::key::SoftwareKey;
use gridbook_core::model::{DiaryEntry, Role, Standing};
use gridbook_core::sync::address::{Address, ServerPin};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::invitation::Invitation;
use gridbook_core::sync::protocol::{SyncProtocol, SyncRequest};
use gridbook_core::workbook::{Key, New, OpenOptions, Workbook};
use gridbook_server::tls::{self, Files};
use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What a false server does with a connection.
#[derive(Clone)]
enum Falsehood {
    /// Shakes hands with this configuration and counts what it reads after that.
    Shakes(Arc<ServerConfig>),
    /// Answers the first bytes with these and closes.
    Says(Vec<u8>),
    /// Relays the first bytes of the real server's handshake and then falls silent for good.
    Truncates(SocketAddr, usize),
    /// Answers within TLS with a redirect to this address.
    Redirects(Arc<ServerConfig>, SocketAddr),
}

/// A false server, and how many bytes of requests it has read, decrypted.
async fn falsehood(falsehood: Falsehood) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(pretend(falsehood.clone(), stream, Arc::clone(&counted)));
        }
    });
    (address, heard)
}

async fn pretend(falsehood: Falsehood, mut stream: TcpStream, heard: Arc<AtomicUsize>) {
    let mut buffer = vec![0; 64 * 1024];
    match falsehood {
        Falsehood::Shakes(config) => {
            let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await else { return };
            while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                heard.fetch_add(read, Ordering::SeqCst);
            }
        }
        Falsehood::Redirects(config, to) => {
            let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await else { return };
            let _read = stream.read(&mut buffer).await;
            let answer =
                format!("HTTP/1.1 307 x\r\nlocation: http://{to}/v1/sync\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.ok();
        }
        Falsehood::Says(answer) => {
            if let Ok(read @ 1..) = stream.read(&mut buffer).await {
                // The first bytes are the handshake's; a request in the clear would begin with its method.
                if !buffer.starts_with(&[22]) {
                    heard.fetch_add(read, Ordering::SeqCst);
                }
                stream.write_all(&answer).await.ok();
            }
        }
        Falsehood::Truncates(real, bytes) => {
            let mut real = TcpStream::connect(real).await.unwrap();
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            real.write_all(&buffer[..read]).await.ok();
            let read = real.read(&mut buffer).await.unwrap_or(0).min(bytes);
            stream.write_all(&buffer[..read]).await.ok();
        }
    }
}

struct Made {
    key: KeyPair,
    certificate: CertificateDer<'static>,
}

fn made(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Made {
    made_with(KeyPair::generate().unwrap(), names, change)
}

fn made_with(key: KeyPair, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Made {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    let mut parameters = CertificateParams::new(names).unwrap();
    change(&mut parameters);
    let certificate = parameters.self_signed(&key).unwrap().der().clone();
    Made { key, certificate }
}

impl Made {
    fn pin(&self) -> ServerPin {
        ServerPin::of(&self.key.subject_public_key_info())
    }

    fn config(&self, versions: &[&'static SupportedProtocolVersion]) -> Arc<ServerConfig> {
        config(vec![self.certificate.clone()], &self.key, versions)
    }
}

const BOTH: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(versions).unwrap().with_no_client_auth();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    Arc::new(builder.with_single_cert(chain, key).unwrap())
}

/// A certificate shown by somebody who does not hold its key.
fn stolen(
    certificate: &CertificateDer<'static>,
    own: &KeyPair,
    version: &'static SupportedProtocolVersion,
) -> Arc<ServerConfig> {
    #[derive(Debug)]
    struct Shown(Arc<rustls::sign::CertifiedKey>);
    impl rustls::server::ResolvesServerCert for Shown {
        fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<rustls::sign::CertifiedKey>> {
            Some(Arc::clone(&self.0))
        }
    }
    let key = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    let key = ring::sign::any_supported_type(&key).unwrap();
    let shown = rustls::sign::CertifiedKey::new(vec![certificate.clone()], key);
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(&[version]).unwrap().with_no_client_auth();
    Arc::new(builder.with_cert_resolver(Arc::new(Shown(Arc::new(shown)))))
}

async fn ask(address: Address) -> Result<(), Error> {
    let signer = Arc::new(SoftwareKey::ed25519(&[7; 32]));
    let client = HttpServer::new(address, Some(("d1".into(), signer)), Surroundings::system())?;
    client.sync(SyncRequest { page: 10, ..SyncRequest::default() }).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kinds_of_false_servers_get_no_byte_of_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let files = tls::make(folder.path(), &["127.0.0.1".into()]).unwrap();
    let site = Site::open().await;
    let real =
        site.server.serve_tls(TcpListener::bind("127.0.0.1:0").await.unwrap(), files.acceptor().unwrap());
    let real = real.unwrap();
    let pins = files.pins(folder.path()).unwrap();
    let certificate = {
        use rustls::pki_types::pem::PemObject;
        CertificateDer::from_pem_file(&files.certificate).unwrap()
    };
    let here = &["127.0.0.1", "localhost"][..];
    let other = made(here, |_| {});
    let shakes = |made: &Made| Falsehood::Shakes(made.config(BOTH));
    let expired = |parameters: &mut CertificateParams| {
        parameters.not_before = rcgen::date_time_ymd(2001, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2002, 1, 1);
    };
    let ahead = |parameters: &mut CertificateParams| parameters.not_before = rcgen::date_time_ymd(2090, 1, 1);
    let authority = |parameters: &mut CertificateParams| {
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    };
    let p384 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let with_chain = config(vec![other.certificate.clone(), certificate.clone()], &other.key, BOTH);
    let false_servers: Vec<(&str, Falsehood)> = vec![
        ("right name, wrong key", shakes(&other)),
        ("wrong key, TLS 1.2", Falsehood::Shakes(other.config(&[&rustls::version::TLS12]))),
        ("wrong key, TLS 1.3", Falsehood::Shakes(other.config(&[&rustls::version::TLS13]))),
        ("wrong name, wrong key", shakes(&made(&["bank.example"], |_| {}))),
        ("no name", shakes(&made(&[], |_| {}))),
        ("every name", shakes(&made(&["*.example"], |_| {}))),
        ("expired", shakes(&made(here, expired))),
        ("not yet valid", shakes(&made(here, ahead))),
        ("an authority's own certificate", shakes(&made(here, authority))),
        ("another curve", shakes(&made_with(p384, here, |_| {}))),
        ("another algorithm", shakes(&made_with(ed25519, here, |_| {}))),
        ("wrong key, the right certificate in its chain", Falsehood::Shakes(with_chain)),
        (
            "the right certificate without its key, 1.3",
            Falsehood::Shakes(stolen(&certificate, &other.key, &rustls::version::TLS13)),
        ),
        (
            "the right certificate without its key, 1.2",
            Falsehood::Shakes(stolen(&certificate, &other.key, &rustls::version::TLS12)),
        ),
        ("plain HTTP", Falsehood::Says(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec())),
        ("nothing", Falsehood::Says(Vec::new())),
        ("noise", Falsehood::Says((0..2_000_u32).map(|n| (n * 167 % 251) as u8).collect())),
        ("a fatal alert", Falsehood::Says(vec![21, 3, 3, 0, 2, 2, 40])),
        ("an endless record", Falsehood::Says(vec![22, 3, 3, 0xff, 0xff, 2, 0, 0])),
        // A ServerHello of TLS 1.1: version 3.2, 32 bytes of random, no session, a suite of that time.
        (
            "TLS 1.1",
            Falsehood::Says([&[22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2][..], &[5; 32], &[0, 0, 0x2f, 0]].concat()),
        ),
        (
            "TLS 1.0",
            Falsehood::Says([&[22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1][..], &[5; 32], &[0, 0, 0x2f, 0]].concat()),
        ),
        ("a handshake cut at once", Falsehood::Truncates(real.address(), 1)),
        ("a handshake cut in the first message", Falsehood::Truncates(real.address(), 60)),
        ("a handshake cut in the certificate", Falsehood::Truncates(real.address(), 300)),
    ];
    assert!(false_servers.len() >= 20);
    for (kind, false_server) in false_servers {
        let (address, heard) = falsehood(false_server).await;
        let refused =
            ask(Address { pins: pins.clone(), ..Address::from(&format!("https://{address}")) }).await;
        assert!(matches!(refused, Err(Error::Offline(_))), "{kind}: {refused:?}");
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        assert_eq!(heard.load(Ordering::SeqCst), 0, "{kind}: a byte of the request left");
    }

    // The one false server that would be heard: the test notices bytes if they come.
    let (address, heard) = falsehood(shakes(&other)).await;
    let trusting = Address { pins: vec![other.pin()], ..Address::from(&format!("https://{address}")) };
    tokio::spawn(ask(trusting));
    while heard.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }

    // A redirect is not followed, not even from a server that holds the key.
    let (elsewhere, heard) = falsehood(Falsehood::Says(Vec::new())).await;
    let (address, _) = falsehood(Falsehood::Redirects(other.config(BOTH), elsewhere)).await;
    let redirected = Address { pins: vec![other.pin()], ..Address::from(&format!("https://{address}")) };
    assert!(ask(redirected).await.is_err());
    assert_eq!(heard.load(Ordering::SeqCst), 0, "the request went elsewhere");

    // Without a pin, a self-signed certificate is nobody's; without TLS nothing leaves this machine.
    assert!(matches!(ask(Address::from(&real.url())).await, Err(Error::Offline(_))));
    assert!(matches!(ask(Address::from("http://192.0.2.1:8080")).await, Err(Error::NotEncrypted(_))));
    let plain = Address { pins, ..Address::from(&format!("http://{}", real.address())) };
    assert!(matches!(ask(plain).await, Err(Error::NotEncrypted(_))));
    // Whoever speaks plain HTTP to the TLS port gets no answer either.
    assert!(ask(Address::from(&format!("http://{}", real.address()))).await.is_err());
    real.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_key_carries_the_whole_story_and_the_spare_one_goes_on() {
    let site = Site::open().await;
    let folder = tempfile::tempdir().unwrap();
    let files = tls::make(folder.path(), &["127.0.0.1".into()]).unwrap();
    assert!(tls::make(folder.path(), &["127.0.0.1".into()]).is_err(), "a key in use is not written over");
    let running =
        site.server.serve_tls(TcpListener::bind("127.0.0.1:0").await.unwrap(), files.acceptor().unwrap());
    let running = running.unwrap();
    assert!(running.url().starts_with("https://"));
    let person = site.person("样例甲", Role::Worker, &site.grid).await;
    let invitation = site.server.admin().invite(&person, 7).await.unwrap();
    let pins = files.pins(folder.path()).unwrap();
    assert_eq!(pins.len(), 2, "the key and the spare one");
    let text = invitation.pinned_payload(&running.url(), &pins).unwrap();

    // Enrol and sync, with nothing but the invitation's text.
    let database = folder.path().join("phone.db");
    let open = || {
        let key = Key::new([3; 32]);
        let surroundings = site.surroundings();
        let options = OpenOptions { path: &database, key: &key, install_nonce: None, surroundings };
        Workbook::open(options).unwrap().workbook
    };
    let workbook = open();
    let invited: Invitation = text.parse().unwrap();
    let end = HttpServer::new(invited.address(), None, site.surroundings()).unwrap();
    workbook.enrol(&end, invited.address(), &invited.secret, "phone").await.unwrap();
    drop(workbook);
    let workbook = open();
    let sync = async |workbook: &Workbook, port: Option<u16>| {
        let enrolment = workbook.enrolment().unwrap();
        let mut address = enrolment.address.clone();
        if let Some(port) = port {
            address.url = format!("https://127.0.0.1:{port}");
        }
        let device = Some((enrolment.device, workbook.signer()));
        let end = HttpServer::new(address, device, site.surroundings()).unwrap();
        workbook.sync(&end, |_| {}).await
    };
    assert_eq!(workbook.enrolment().unwrap().address.pins, pins, "the enrolment keeps the pins");
    let diary = |text: &str| DiaryEntry { text: text.into(), ..common::diary("2026-11-23", text) };
    let before = workbook.diary().save(New::of(diary("楼道堆物"))).unwrap();
    sync(&workbook, None).await.unwrap();

    // The server is restored from a backup that knows nothing of a second record: the phone heals it.
    let backup = folder.path().join("backup.db");
    site.server.backup(&backup).await.unwrap();
    let after = workbook.diary().save(New::of(diary("夜间巡查"))).unwrap();
    sync(&workbook, None).await.unwrap();
    running.stop().await.unwrap();
    let restored = tempfile::tempdir().unwrap();
    std::fs::copy(&backup, restored.path().join("gridbook.db")).unwrap();
    let server = gridbook_server::Server::open(restored.path(), site.surroundings()).await.unwrap();

    // Its key is lost, too; a certificate for the spare one stands in, expired and under another name.
    let spare = std::fs::read_to_string(folder.path().join(tls::SPARE_KEY)).unwrap();
    let spare = made_with(KeyPair::from_pem(&spare).unwrap(), &["elsewhere.example"], |parameters| {
        parameters.not_after = rcgen::date_time_ymd(2002, 1, 1);
    });
    let new = Files { certificate: folder.path().join("new.pem"), key: folder.path().join(tls::SPARE_KEY) };
    let pem = data_encoding::BASE64.encode(&spare.certificate);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
    std::fs::write(&new.certificate, pem).unwrap();
    assert_eq!(new.pins(folder.path()).unwrap()[0], pins[1]);
    let running =
        server.serve_tls(TcpListener::bind("127.0.0.1:0").await.unwrap(), new.acceptor().unwrap()).unwrap();
    let report = sync(&workbook, Some(running.address().port())).await.unwrap();
    assert!(report.round_trips > 1, "recovery took place: {report:?}");
    assert_eq!(server.service().database().counts().await.unwrap().entries, 2);
    for id in [before.id, after.id] {
        assert_eq!(workbook.get::<DiaryEntry>(id).unwrap().standing, Standing::OnServer);
    }
}
