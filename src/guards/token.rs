//! Access tokens: short-lived JWTs that name a user and a session, and nothing else.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    config::Secret,
    problem::{Problem, codes},
    wire::{SessionId, UserId},
};

/// Who may read our tokens: ourselves.
const AUDIENCE: &str = "rookery";
/// Clocks may differ by this much; seconds.
const LEEWAY: i64 = 10;

/// Signs and verifies access tokens with HS256.
pub struct Keys {
    issuer: String,
    ttl: Duration,
    /// Names the key in the token's head; a token of an unknown key is refused.
    key_id: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
}

/// What a token claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    pub user_id: UserId,
    pub session_id: SessionId,
    pub expires_at: DateTime<Utc>,
}

/// Why a token isn't accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("no token was sent")]
    Missing,
    #[error("the token isn't one of ours")]
    Invalid,
    #[error("the token has expired")]
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Body {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Keys {
    pub fn new(secret: &Secret, issuer: &str, ttl: Duration) -> Self {
        let bytes = secret.expose().as_bytes();
        // The allow-list is one algorithm: `none` and confusion of key kinds can't pass.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // Times are compared below, with the program's clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            issuer: issuer.to_owned(),
            ttl,
            key_id: Sha256::digest(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect(),
            signing: EncodingKey::from_secret(bytes),
            verifying: DecodingKey::from_secret(bytes),
            validation,
        }
    }

    /// Seconds that a new token lives.
    pub fn ttl_seconds(&self) -> u64 {
        self.ttl.as_secs()
    }

    pub fn sign(
        &self,
        user_id: UserId,
        session_id: SessionId,
        now: DateTime<Utc>,
    ) -> Result<String, Problem> {
        let iat = now.timestamp();
        let exp = iat + i64::try_from(self.ttl.as_secs()).unwrap_or(i64::MAX);
        let body = Body {
            iss: self.issuer.clone(),
            aud: AUDIENCE.into(),
            sub: user_id,
            sid: session_id,
            iat,
            nbf: iat,
            exp,
        };
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some("at+jwt".into());
        header.kid = Some(self.key_id.clone());
        encode(&header, &body, &self.signing).map_err(Problem::internal)
    }

    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        if header.kid.as_deref() != Some(&self.key_id) || header.typ.as_deref() != Some("at+jwt") {
            return Err(TokenError::Invalid);
        }
        let body: Body =
            decode(token, &self.verifying, &self.validation).map_err(|_| TokenError::Invalid)?.claims;
        let now = now.timestamp();
        if now + LEEWAY < body.nbf {
            return Err(TokenError::Invalid);
        }
        if now >= body.exp + LEEWAY {
            return Err(TokenError::Expired);
        }
        let expires_at = DateTime::from_timestamp(body.exp, 0).ok_or(TokenError::Invalid)?;
        Ok(Claims { user_id: body.sub, session_id: body.sid, expires_at })
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Missing => Self::of::<codes::TokenMissing>("Send an access token as a bearer token."),
            TokenError::Invalid => Self::of::<codes::TokenInvalid>("Sign in again for a new one."),
            TokenError::Expired => Self::of::<codes::TokenExpired>("Refresh it and try again."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use serde_json::{Value, json};

    const SECRET: &str = "a secret of more than thirty-two bytes for tests";

    fn keys() -> Keys {
        Keys::new(&Secret::new(SECRET), "rookery", Duration::from_secs(900))
    }

    fn good_claims() -> Value {
        let now = Utc::now().timestamp();
        let id = UserId::generate();
        json!({ "iss": "rookery", "aud": "rookery", "sub": id, "sid": id, "iat": now, "nbf": now, "exp": now + 60 })
    }

    fn good_header() -> Header {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some("at+jwt".into());
        header.kid = Some(keys().key_id);
        header
    }

    fn verdict(header: &Header, claims: &Value, secret: &str) -> Result<Claims, TokenError> {
        let token = encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap();
        keys().verify(&token, Utc::now())
    }

    #[test]
    fn what_we_sign_we_accept_until_it_expires() {
        let (user, session, now) = (UserId::generate(), SessionId::generate(), Utc::now());
        let token = keys().sign(user, session, now).unwrap();
        let claims = keys().verify(&token, now).unwrap();
        assert_eq!((claims.user_id, claims.session_id), (user, session));
        assert!(keys().verify(&token, now + TimeDelta::seconds(905)).is_ok());
        assert_eq!(keys().verify(&token, now + TimeDelta::seconds(911)), Err(TokenError::Expired));
        assert_eq!(keys().verify(&token, now - TimeDelta::seconds(30)), Err(TokenError::Invalid));
    }

    #[test]
    fn each_claim_and_header_counts() {
        assert!(verdict(&good_header(), &good_claims(), SECRET).is_ok());
        for (name, value) in [
            ("iss", json!("someone")),
            ("aud", json!("another")),
            ("sub", json!("42")),
            ("exp", Value::Null),
            ("nbf", Value::Null),
            ("sid", Value::Null),
        ] {
            let mut claims = good_claims();
            claims[name] = value;
            assert_eq!(verdict(&good_header(), &claims, SECRET), Err(TokenError::Invalid), "{name}");
        }
        let wrong = |change: &dyn Fn(&mut Header)| {
            let mut header = good_header();
            change(&mut header);
            verdict(&header, &good_claims(), SECRET)
        };
        assert_eq!(wrong(&|header| header.kid = None), Err(TokenError::Invalid));
        assert_eq!(wrong(&|header| header.kid = Some("other".into())), Err(TokenError::Invalid));
        assert_eq!(wrong(&|header| header.typ = Some("JWT".into())), Err(TokenError::Invalid));
        assert_eq!(wrong(&|header| header.alg = Algorithm::HS512), Err(TokenError::Invalid));
        assert_eq!(
            verdict(&good_header(), &good_claims(), "another secret entirely"),
            Err(TokenError::Invalid)
        );
    }

    #[test]
    fn an_unsigned_token_is_refused() {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
        let head = json!({ "alg": "none", "typ": "at+jwt", "kid": keys().key_id });
        let token = format!("{}.{}.", B64.encode(head.to_string()), B64.encode(good_claims().to_string()));
        assert_eq!(keys().verify(&token, Utc::now()), Err(TokenError::Invalid));
    }
}
