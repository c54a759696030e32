//! Keys, lifetimes and the cost of a password.

use std::time::Duration;

use super::{Environment, Secret, reader::Reader};

/// Secrets that stand in manuals and sample files; nobody who uses one has chosen it.
const PLACEHOLDERS: &[&str] = &[
    "your-secure-random-secret-min-32-chars",
    "your-secure-jwt-secret-min-32-chars",
    "your-secure-refresh-secret-min-32-chars",
    "your-super-secret-jwt-key-change-this-in-production",
    "change_me",
    "changeme",
    "secret",
];

/// The shortest signing key that HS256 should have (RFC 7518 §3.2).
const MIN_SECRET: usize = 32;

#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// `JWT_SECRET`; absent only outside production, where a development key is made.
    pub jwt_secret: Option<Secret>,
    /// `REFRESH_TOKEN_SECRET`: keys the refresh tokens' HMAC. Absent: the signing key does, for this
    /// purpose by name.
    pub refresh_secret: Option<Secret>,
    /// `JWT_ISSUER`, `rookery`.
    pub issuer: String,
    /// `ACCESS_TTL_MIN`, 15 minutes, or `JWT_EXPIRES_IN` with a unit.
    pub access_ttl: Duration,
    /// `REFRESH_TTL_DAYS`, 7 days, or `REFRESH_TOKEN_EXPIRES_IN` with a unit: of the whole family,
    /// from the login on.
    pub refresh_ttl: Duration,
    /// `PASSWORD_MIN_LENGTH`, 8 characters (OWASP ASVS 6.2.1); 15 is better without a second factor.
    pub password_min: usize,
    /// `PASSWORD_HASHERS`: hashes computed at once; one core is left to everything else.
    pub hashers: usize,
}

impl AuthConfig {
    pub(super) fn read(reader: &mut Reader, environment: Environment) -> Self {
        let production = environment == Environment::Production;
        let jwt_secret = secret(reader, "JWT_SECRET", production);
        if production && jwt_secret.is_none() && reader.text("JWT_SECRET").is_none() {
            reader.fault(
                "JWT_SECRET",
                "nothing",
                "32 random bytes or more, such as `openssl rand -base64 48` prints",
            );
        }
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        Self {
            jwt_secret,
            refresh_secret: secret(reader, "REFRESH_TOKEN_SECRET", production),
            issuer: reader.text("JWT_ISSUER").unwrap_or_else(|| "rookery".into()),
            access_ttl: lifetime(reader, "ACCESS_TTL_MIN", 60, "JWT_EXPIRES_IN", 15 * 60, 24 * 3600),
            refresh_ttl: lifetime(
                reader,
                "REFRESH_TTL_DAYS",
                86_400,
                "REFRESH_TOKEN_EXPIRES_IN",
                7 * 86_400,
                400 * 86_400,
            ),
            password_min: reader.within("PASSWORD_MIN_LENGTH", 8, 8, 64),
            hashers: reader.within("PASSWORD_HASHERS", cores.saturating_sub(1).max(1), 1, 64),
        }
    }
}

fn secret(reader: &mut Reader, name: &str, production: bool) -> Option<Secret> {
    let text = reader.text(name)?;
    if production && PLACEHOLDERS.contains(&text.to_ascii_lowercase().as_str()) {
        reader.fault(name, "a placeholder from a manual", "32 random bytes or more that nobody else has");
        return None;
    }
    if text.len() < MIN_SECRET {
        reader.fault(name, format!("{} bytes", text.len()), format!("{MIN_SECRET} random bytes or more"));
        return None;
    }
    Some(Secret::new(text))
}

/// A lifetime given as a bare number of `unit` seconds under one name, or with a unit under another.
fn lifetime(reader: &mut Reader, bare: &str, unit: u64, worded: &str, default: u64, most: u64) -> Duration {
    let bounded = |seconds: u64| (1..=most).contains(&seconds).then_some(seconds);
    let wants = format!("a lifetime of at most {} minutes", most / 60);
    let a = reader.parse(&[bare], &wants, |text| bounded(text.parse::<u64>().ok()?.checked_mul(unit)?));
    let b = reader
        .parse(&[worded], &format!("{wants}, with a unit: 15m, 1h, 7d"), |text| bounded(with_unit(text)?));
    if let (Some(a), Some(b)) = (a, b)
        && a != b
    {
        reader.fault(bare, format!("{a} s, while {worded} says {b} s"), "one answer, not two");
    }
    Duration::from_secs(a.or(b).unwrap_or(default))
}

fn with_unit(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}
