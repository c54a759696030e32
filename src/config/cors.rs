//! Which pages may call from a browser.

use url::Url;

use super::{Environment, reader::Reader};

#[derive(Debug, Clone)]
pub struct CorsConfig {
    /// `CORS_ORIGINS` (`FRONTEND_URL`): exact origins, comma-separated. In development, absent:
    /// pages served from this machine on the usual front-end ports.
    pub origins: Vec<String>,
}

impl CorsConfig {
    pub(super) fn read(reader: &mut Reader, environment: Environment) -> Self {
        let wants = "exact origins such as https://app.example.com, comma-separated";
        let name = if reader.text("CORS_ORIGINS").is_some() { "CORS_ORIGINS" } else { "FRONTEND_URL" };
        let Some(text) = reader.text(name) else {
            return Self { origins: development_origins(environment) };
        };
        let mut origins = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match origin(part) {
                Some(origin) => origins.push(origin),
                None => reader.fault(name, format!("{part:?}"), wants),
            }
        }
        Self { origins }
    }
}

/// The origin as a browser sends it, or nothing for a wildcard, a path or another scheme.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && !url.host_str()?.contains('*');
    plain.then(|| url.origin().ascii_serialization())
}

fn development_origins(environment: Environment) -> Vec<String> {
    if environment == Environment::Production {
        return Vec::new();
    }
    let hosts = ["http://localhost", "http://127.0.0.1"];
    let ports = [3000, 4000, 4200, 5173, 8080];
    hosts.iter().flat_map(|host| ports.map(|port| format!("{host}:{port}"))).collect()
}
