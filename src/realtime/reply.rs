//! What a client gets back for an event: `{ok: true, data}`, or `{ok: false, problem}`.

use std::{borrow::Cow, convert::Infallible, sync::Arc};

use serde::Serialize;
use serde_json::value::to_raw_value;
use socketioxide::{
    extract::AckSender,
    handler::{FromMessageParts, Value as Raw},
    socket::Socket,
};

use super::{Adapter, Client, Packet, ServerEvent, client::PushError};
use crate::problem::{Problem, ProblemDocument};

/// Answers one event, once.
pub struct Reply {
    client: Arc<Client>,
    socket: Arc<Socket<Adapter>>,
    ack_id: Option<i64>,
    event: Cow<'static, str>,
}

#[derive(Serialize)]
struct Done<'a, T> {
    ok: bool,
    data: &'a T,
}

#[derive(Serialize)]
struct Refused<'a> {
    ok: bool,
    problem: &'a ProblemDocument,
}

impl Reply {
    pub(super) fn new(
        client: Arc<Client>,
        socket: Arc<Socket<Adapter>>,
        ack_id: Option<i64>,
        event: Cow<'static, str>,
    ) -> Self {
        Self { client, socket, ack_id, event }
    }

    /// A second one for the same event, for when the first is lost with whoever held it.
    pub(super) fn spare(&self) -> Self {
        Self::new(self.client.clone(), self.socket.clone(), self.ack_id, self.event.clone())
    }

    /// Answers as asked, or with the problem. The word that comes back is for metrics.
    pub fn result<T: Serialize>(self, result: Result<&T, &Problem>) -> &'static str {
        match result {
            Ok(data) => self.data(data),
            Err(problem) => self.problem(problem),
        }
    }

    /// Done. A client that asked for no answer gets none.
    pub fn data<T: Serialize>(self, data: &T) -> &'static str {
        if self.ack_id.is_some() && !self.client.is_revoked() {
            self.send(&Done { ok: true, data });
        }
        "ok"
    }

    /// Refused. A client that asked for no answer hears of it as an `exception` event.
    pub fn problem(self, problem: &Problem) -> &'static str {
        let request_id = uuid::Uuid::now_v7().to_string();
        let document = problem.document(&self.event, &request_id);
        tracing::info!(event = %self.event, code = problem.code.name, request_id, "a socket event was refused");
        if self.ack_id.is_some() {
            self.send(&Refused { ok: false, problem: &document });
        } else if self.client.tell(&Packet::new(ProblemDocument::NAME, &document.encode()))
            == Err(PushError::Lagging)
        {
            self.client.cut_lagging();
        }
        if is_the_clients(problem) && !self.client.limits.bears_problem() {
            self.client.revoke("tooManyProblems");
        }
        problem.code.name
    }

    fn send(&self, answer: &impl Serialize) {
        let answer = to_raw_value(answer).expect("answers are plain data");
        let Ok::<AckSender<Adapter>, Infallible>(ack) =
            AckSender::from_message_parts(&self.socket, &mut Raw::Bytes(Default::default()), &self.ack_id);
        if !self.client.answer(ack, &answer) && self.socket.connected() {
            // It doesn't read its answers: cut, it reconnects and asks again.
            self.client.cut_lagging();
        }
    }
}

/// Whether asking otherwise, or less, would have helped. A conflict may be nobody's fault.
fn is_the_clients(problem: &Problem) -> bool {
    (400..500).contains(&problem.code.status) && problem.code.status != 409
}
