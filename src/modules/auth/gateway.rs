use std::sync::Arc;

use super::{
    dto::{Renewal, Renewed},
    events::{AccountChanged, SessionEnded},
};
use crate::{
    guards::{Gate, SignedIn, TokenError},
    problem::{Problem, codes},
    realtime::{Client, ClientEvent, Namespace},
};

/// Signing in, as far as sockets are concerned: going on with a new token.
#[derive(Clone)]
pub struct AuthGateway {
    gate: Arc<Gate>,
}

/// `renew`: a socket outlives its access token only so.
struct Renew;

impl ClientEvent for Renew {
    const NAME: &'static str = "renew";
    const SUMMARY: &'static str = "Go on with a new access token of the same session";
    type Payload = Renewal;
    type Ack = Renewed;
    type Refusals = (codes::TokenInvalid, codes::TokenExpired, codes::SessionEnded);
}

impl AuthGateway {
    pub fn new(gate: Arc<Gate>) -> Self {
        Self { gate }
    }

    pub fn mount(self, ns: &mut Namespace) {
        ns.on::<Renew, SignedIn>((self, Self::renew));
        ns.sends::<SessionEnded>();
        ns.sends::<AccountChanged>();
    }

    async fn renew(self, client: Arc<Client>, who: SignedIn, renewal: Renewal) -> Result<Renewed, Problem> {
        let (principal, claims) = self.gate.admit(&renewal.token).await?;
        if principal.session_id != who.session_id {
            return Err(TokenError::Invalid.into());
        }
        Ok(Renewed { expires_at: client.renew(claims.expires_at).into() })
    }
}
