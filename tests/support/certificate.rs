//! Certificates that tests make, in files as an operator has them.

use std::path::PathBuf;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;

use super::Settings;

/// Two files in a folder of their own, for `TLS_CERT` and `TLS_KEY`.
pub struct CertificateFiles {
    folder: TempDir,
}

/// A certificate for `localhost` that vouches for itself, and its key; both in PEM.
pub struct Pair {
    pub certificate: String,
    pub key: String,
    pub der: CertificateDer<'static>,
}

impl Pair {
    pub fn new() -> Self {
        Self::valid(2000, 4096)
    }

    /// From the first day of a year to the first of another.
    pub fn valid(from: i32, until: i32) -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut wanted = CertificateParams::new(names).expect("these are names");
        (wanted.not_before, wanted.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = wanted.self_signed(&key).expect("a certificate can be made");
        let der = certificate.der().clone();
        Self { certificate: certificate.pem(), key: key.serialize_pem(), der }
    }
}

impl CertificateFiles {
    pub fn of(pair: &Pair) -> Self {
        let files = Self { folder: tempfile::tempdir().expect("a temporary folder can be made") };
        files.write(&pair.certificate, &pair.key);
        files
    }

    /// Puts these texts in place of what the files hold.
    pub fn write(&self, certificate: &str, key: &str) {
        for (path, text) in [(self.certificate(), certificate), (self.key(), key)] {
            std::fs::write(path, text).expect("a file can be written");
        }
    }

    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// Has a server use them.
    pub fn set(&self, settings: &mut Settings) {
        settings.set("TLS_CERT", self.certificate().display()).set("TLS_KEY", self.key().display());
    }
}
