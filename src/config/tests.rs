use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789";

fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(&|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string()))
}

/// The faults of a start in production with a good secret and these settings besides.
fn faults(pairs: &[(&str, &str)]) -> Vec<Fault> {
    let mut all = vec![("APP_ENV", "production"), ("JWT_SECRET", SECRET)];
    all.retain(|(name, _)| !pairs.iter().any(|(other, _)| other == name));
    all.extend_from_slice(pairs);
    read(&all).map(|_| vec![]).unwrap_or_else(|error| error.faults)
}

#[test]
fn nothing_set_means_sqlite_on_loopback() {
    let config = read(&[]).unwrap();
    assert!(matches!(&config.database, DatabaseConfig::Sqlite { path } if path.ends_with("rookery.db")));
    assert_eq!((config.server.host.to_string(), config.server.port), ("127.0.0.1".into(), 4000));
    assert_eq!(config.auth.access_ttl.as_secs(), 900);
}

#[test]
fn production_needs_a_secret_of_its_own() {
    assert_eq!(faults(&[("JWT_SECRET", "")])[0].got, "nothing");
    assert_eq!(faults(&[("JWT_SECRET", "short")])[0].got, "5 bytes");
    let placeholder = faults(&[("JWT_SECRET", "your-secure-random-secret-min-32-chars")]);
    assert_eq!(placeholder[0].got, "a placeholder from a manual");
    assert!(faults(&[]).is_empty());
}

#[test]
fn a_short_secret_stops_development_too() {
    assert_eq!(read(&[("JWT_SECRET", "short")]).unwrap_err().faults[0].name, "JWT_SECRET");
}

#[test]
fn origins_are_exact() {
    for wrong in ["*", "https://*.example.com", "example.com", "https://a.example/path", "null"] {
        assert_eq!(faults(&[("CORS_ORIGINS", wrong)]).len(), 1, "{wrong}");
    }
    let config = read(&[("FRONTEND_URL", "https://App.example.com/, http://localhost:80")]).unwrap();
    assert_eq!(config.cors.origins, ["https://app.example.com", "http://localhost"]);
}

#[test]
fn the_api_is_not_put_where_something_else_is_served() {
    for wrong in ["api-docs", "/socket.io/v1", "health", "metrics", "..", "api/../v1", "./v1", "api//v1", "/"]
    {
        assert_eq!(faults(&[("API_PREFIX", wrong)]).len(), 1, "{wrong}");
    }
    for (given, prefix) in [("v1", "/v1"), ("/api/v1/", "/api/v1"), ("healthy/metrics", "/healthy/metrics")] {
        assert_eq!(read(&[("API_PREFIX", given)]).unwrap().server.api_prefix, prefix);
    }
}

#[test]
fn every_fault_is_named_at_once() {
    let names: Vec<_> = faults(&[("PORT", "70000"), ("HOST", "nowhere"), ("LOG_LEVEL", "loud")])
        .into_iter()
        .map(|fault| fault.name)
        .collect();
    assert_eq!(names, ["HOST", "PORT", "LOG_LEVEL"]);
}

#[test]
fn a_deadline_that_nothing_could_meet_is_a_fault_and_a_drain_may_be_none() {
    for name in
        ["HEADER_TIMEOUT_SECS", "BODY_TIMEOUT_SECS", "REQUEST_TIMEOUT_SECS", "SOCKET_AUTH_TIMEOUT_SECS"]
    {
        let wants: Vec<_> = faults(&[(name, "0")]).into_iter().map(|fault| fault.wants).collect();
        assert!(
            matches!(&wants[..], [range] if range.starts_with("a whole number from 1 to ")),
            "{name}: {wants:?}"
        );
    }
    assert!(faults(&[("DRAIN_NOTICE_SECS", "0"), ("DRAIN_TIMEOUT_SECS", "0")]).is_empty());
}

#[test]
fn two_answers_to_one_question_stop_the_start() {
    let url = "postgres://u:p@h/db?connection_limit=50";
    assert_eq!(faults(&[("DATABASE_URL", url), ("DB_POOL_MAX", "20")])[0].name, "DB_POOL_MAX");
    assert_eq!(faults(&[("ACCESS_TTL_MIN", "15"), ("JWT_EXPIRES_IN", "1h")])[0].name, "ACCESS_TTL_MIN");
    assert!(faults(&[("DATABASE_URL", url), ("DB_POOL_MAX", "50"), ("JWT_EXPIRES_IN", "15m")]).is_empty());
}

#[test]
fn a_database_url_is_never_echoed() {
    let fault = &faults(&[("DATABASE_URL", "mysql://root:hunter2@db/x")])[0];
    assert!(!format!("{fault:?}").contains("hunter2"));
    let config = read(&[("DATABASE_URL", "postgres://u:hunter2@h/db")]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}
