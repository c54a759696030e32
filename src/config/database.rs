//! Which database, and how many connections to it.

use std::path::PathBuf;

use url::Url;

use super::{Secret, reader::Reader};

#[derive(Debug, Clone)]
pub enum DatabaseConfig {
    /// No `DATABASE_URL`, or one that starts with `sqlite:`.
    Sqlite { path: PathBuf },
    /// `DATABASE_URL=postgres://…`.
    Postgres {
        /// The URL without the parameters that only we understand.
        url: Secret,
        /// `DB_POOL_MAX`, or the URL's `connection_limit`; 10.
        pool_max: u32,
        /// `DB_POOL_MIN`, 1.
        pool_min: u32,
    },
}

impl DatabaseConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let pool_max = reader.parse(&["DB_POOL_MAX"], "a whole number from 1 to 1000", pool_size);
        let pool_min = reader.parse(&["DB_POOL_MIN"], "a whole number from 1 to 1000", pool_size);
        let Some(text) = reader.text("DATABASE_URL") else {
            return Self::sqlite("data/rookery.db");
        };
        if let Some(path) = text.strip_prefix("sqlite:").or_else(|| text.strip_prefix("file:")) {
            let path = path.trim_start_matches("//").split('?').next().unwrap_or_default();
            if path.is_empty() || path == ":memory:" {
                reader.fault(
                    "DATABASE_URL",
                    format!("{text:?}"),
                    "the path of a file, such as sqlite:data/rookery.db",
                );
            }
            return Self::sqlite(path);
        }
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") && url.path().len() > 1 => {
                Self::postgres(reader, url, pool_max, pool_min)
            }
            _ => {
                let wants = "postgres://user:password@host:5432/name or sqlite:path/to/file.db";
                reader.fault("DATABASE_URL", "another text (not shown: it may hold a password)", wants);
                Self::sqlite("data/rookery.db")
            }
        }
    }

    fn sqlite(path: &str) -> Self {
        Self::Sqlite { path: path.into() }
    }

    /// Two answers to one question stop the start: one of them is a mistake.
    fn postgres(reader: &mut Reader, mut url: Url, pool_max: Option<u32>, pool_min: Option<u32>) -> Self {
        let limit = url.query_pairs().find(|(name, _)| name == "connection_limit");
        let from_url = limit.and_then(|(_, value)| {
            let size = pool_size(&value);
            if size.is_none() {
                reader.fault(
                    "DATABASE_URL",
                    format!("connection_limit={value}"),
                    "a whole number from 1 to 1000",
                );
            }
            size
        });
        if let (Some(a), Some(b)) = (pool_max, from_url)
            && a != b
        {
            reader.fault(
                "DB_POOL_MAX",
                format!("{a}, while DATABASE_URL has connection_limit={b}"),
                "one answer, not two",
            );
        }
        let pool_max = pool_max.or(from_url).unwrap_or(10);
        let pool_min = pool_min.unwrap_or(1);
        if pool_min > pool_max {
            reader.fault(
                "DB_POOL_MIN",
                pool_min.to_string(),
                format!("at most the pool's maximum, {pool_max}"),
            );
        }
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| name != "connection_limit" && name != "pool_timeout" && name != "pgbouncer")
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        Self::Postgres { url: Secret::new(url), pool_max, pool_min }
    }
}

fn pool_size(text: &str) -> Option<u32> {
    text.parse().ok().filter(|size| (1..=1000).contains(size))
}
