//! TLS by certificate and key: read at the start, and again whenever the files change.

use std::{
    mem,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use rustls::{
    CertificateError, Error, InconsistentKeys, RootCertStore, ServerConfig,
    client::verify_server_cert_signed_by_trust_anchor,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::interval,
};
use tokio_rustls::{Accept, TlsAcceptor};

use crate::{config::TlsFiles, infra::clock::Clock};

/// Two small files; what changes is noticed on the second look.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Answers handshakes with the present certificate.
pub struct Tls {
    present: Arc<RwLock<Arc<ServerConfig>>>,
}

/// Keeps the certificate of a [`Tls`] the one that the files hold.
pub struct Watch {
    files: TlsFiles,
    /// What they held at the last look.
    before: Result<Pair, TlsError>,
    /// What they held when they were read for use, whether it could be used or not.
    judged: Result<Pair, TlsError>,
    clock: Clock,
    present: Arc<RwLock<Arc<ServerConfig>>>,
}

/// Why a certificate and its key can't be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TlsError {
    #[error("{variable}: {path} can't be read: {reason}")]
    Unreadable { variable: &'static str, path: String, reason: String },
    #[error("TLS_CERT: {0} holds no certificate in PEM")]
    NoCertificate(String),
    #[error("TLS_KEY: {0} holds no private key in PEM, or one with a passphrase")]
    NoKey(String),
    #[error("the key in TLS_KEY isn't the one that the certificate in TLS_CERT is for")]
    Mismatch,
    #[error("the certificate in TLS_CERT expired at {0}")]
    Expired(DateTime<Utc>),
    #[error("the certificate in TLS_CERT isn't valid before {0}")]
    NotYet(DateTime<Utc>),
    #[error("the certificate in TLS_CERT, or its key, can't be used: {0}")]
    Unusable(Error),
}

/// What the two files hold.
#[derive(Clone, PartialEq)]
struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Tls {
    /// Reads both files; they must be usable now.
    pub async fn open(files: TlsFiles, clock: Clock) -> Result<(Self, Watch), TlsError> {
        let opened = Pair::read(&files).await?;
        let present = Arc::new(RwLock::new(Arc::new(opened.server(&files, &clock)?)));
        let (before, judged) = (Ok(opened.clone()), Ok(opened));
        Ok((Self { present: present.clone() }, Watch { files, before, judged, clock, present }))
    }

    /// Begins a handshake, with the certificate of this moment.
    pub fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> Accept<S> {
        let present = self.present.read().unwrap_or_else(PoisonError::into_inner).clone();
        TlsAcceptor::from(present).accept(stream)
    }
}

impl Watch {
    /// Looks at the files for ever. A pair that can't be used is told once, and the one before stays.
    pub async fn run(mut self) {
        let mut looks = interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            match self.look().await {
                Some(Ok(())) => tracing::info!("new connections get the certificate that TLS_CERT holds now"),
                Some(Err(error)) => tracing::error!(%error, "the certificate before stays in use"),
                None => {}
            }
        }
    }

    /// What became of a pair that is new. They are written one after the other: what is seen for the first time
    /// may be no pair yet.
    async fn look(&mut self) -> Option<Result<(), TlsError>> {
        let now = Pair::read(&self.files).await;
        let before = mem::replace(&mut self.before, now.clone());
        if now != before || now == self.judged {
            return None;
        }
        self.judged = now.clone();
        let server = now.and_then(|pair| pair.server(&self.files, &self.clock));
        Some(server.map(|server| {
            *self.present.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(server);
        }))
    }
}

impl Pair {
    async fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let read = async |variable, path: &Path| {
            tokio::fs::read(path).await.map_err(|error| TlsError::Unreadable {
                variable,
                path: path.display().to_string(),
                reason: error.to_string(),
            })
        };
        let certificate = read("TLS_CERT", &files.certificate).await?;
        Ok(Self { certificate, key: read("TLS_KEY", &files.key).await? })
    }

    /// TLS 1.2 and 1.3 with this certificate, HTTP/2 preferred.
    fn server(&self, files: &TlsFiles, clock: &Clock) -> Result<ServerConfig, TlsError> {
        let path = |path: &Path| path.display().to_string();
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|_| TlsError::NoCertificate(path(&files.certificate)))?;
        let leaf = chain.first().ok_or_else(|| TlsError::NoCertificate(path(&files.certificate)))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| TlsError::NoKey(path(&files.key)))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        in_time(leaf, &provider, clock)?;
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(server)
    }
}

/// Fails when the certificate is valid no more, or not yet. Who signed it is the clients' question: here it is
/// held against nobody, and a verifier looks at the times first.
fn in_time(leaf: &CertificateDer, provider: &CryptoProvider, clock: &Clock) -> Result<(), TlsError> {
    let (leaf, nobody) = (ParsedCertificate::try_from(leaf)?, RootCertStore::empty());
    let schemes = provider.signature_verification_algorithms.all;
    let now = UnixTime::since_unix_epoch((clock.now() - DateTime::UNIX_EPOCH).to_std().unwrap_or_default());
    match verify_server_cert_signed_by_trust_anchor(&leaf, &nobody, &[], now, schemes) {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            Err(TlsError::Expired(date(not_after)))
        }
        Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. })) => {
            Err(TlsError::NotYet(date(not_before)))
        }
        _ => Ok(()),
    }
}

fn date(time: UnixTime) -> DateTime<Utc> {
    DateTime::from_timestamp(time.as_secs().try_into().unwrap_or(i64::MAX), 0)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl From<Error> for TlsError {
    fn from(error: Error) -> Self {
        match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => Self::Mismatch,
            other => Self::Unusable(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new certificate and its key, in PEM.
    fn pair() -> (String, String) {
        let key = rcgen::KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned()];
        (rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    #[tokio::test]
    async fn a_pair_that_cant_be_used_is_told_once_however_often_it_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
        let write = |(certificate_text, key_text): (&String, &String)| {
            std::fs::write(&certificate, certificate_text).unwrap();
            std::fs::write(&key, key_text).unwrap();
        };
        let (first, second) = (pair(), pair());
        write((&first.0, &first.1));
        let files = TlsFiles { certificate: certificate.clone(), key: key.clone() };
        let (tls, mut watch) = Tls::open(files, Clock::Machine).await.unwrap();
        let present = || tls.present.read().unwrap().clone();
        let mut told = async || {
            let mut told = Vec::new();
            for _ in 0..10 {
                told.extend(watch.look().await);
            }
            told
        };
        let opened = present();
        assert_eq!(told().await, []);
        // As when only one of them was copied.
        write((&second.0, &first.1));
        assert_eq!(told().await, [Err(TlsError::Mismatch)]);
        std::fs::remove_file(&key).unwrap();
        assert!(matches!(told().await[..], [Err(TlsError::Unreadable { .. })]));
        assert!(Arc::ptr_eq(&opened, &present()), "the one before stays");
        write((&second.0, &second.1));
        assert_eq!(told().await, [Ok(())]);
        assert!(!Arc::ptr_eq(&opened, &present()), "it is in use");
    }
}
