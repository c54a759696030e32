//! Kinds of problems: types, so that a signature can say which it refuses with.

use std::{any::type_name, fmt, marker::PhantomData};

use poem_openapi::{
    ApiResponse,
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};

use super::{PROBLEM_JSON, Problem, ProblemDocument};

/// What is the same about all problems of one kind. Declared with [`kinds!`](crate::kinds).
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable name, `E_…`; clients branch on this and on nothing else.
    pub name: &'static str,
    /// HTTP status code.
    pub status: u16,
    /// What it means, in one short line that never varies.
    pub title: &'static str,
    /// How it comes about.
    pub cause: &'static str,
    /// What whoever met it can do.
    pub mend: &'static str,
}

impl Code {
    /// Where this server describes it: the `type` of every problem of this kind.
    pub fn address(&self) -> String {
        format!("/api-docs/problems/{}", self.name)
    }
}

/// A kind of problem.
pub trait Kind: 'static {
    const CODE: Code;
}

/// None, one or several kinds: `()`, `NotFound`, `(NotFound, NotTheAuthor)`.
pub trait Kinds: 'static {
    fn codes() -> Vec<&'static Code>;
}

/// A problem of one of these kinds. What guards, parameters and bodies are refused with goes without
/// saying: the document knows it from the signature.
pub struct Refusal<K = ()>(Problem, PhantomData<fn() -> K>);

impl<K: Kind> Kinds for K {
    fn codes() -> Vec<&'static Code> {
        vec![const { &K::CODE }]
    }
}

macro_rules! several {
    ($($kind:ident)*) => {
        impl<$($kind: Kind),*> Kinds for ($($kind,)*) {
            fn codes() -> Vec<&'static Code> {
                vec![$(const { &$kind::CODE }),*]
            }
        }
    };
}
several!();
several!(A B);
several!(A B C);
several!(A B C D);
several!(A B C D E);
several!(A B C D E F);

/// Declares kinds of problems, and lists them as `CODES`: a kind that isn't documented can't be declared.
#[macro_export]
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $status:literal, $title:literal;
        cause: $cause:literal; mend: $mend:literal;)*) => {
        /// Every kind declared here.
        pub const CODES: &[&$crate::problem::Code] = &[$(&<$kind as $crate::problem::Kind>::CODE),*];
        $(
            $(#[$doc])*
            #[doc = $title]
            pub struct $kind;

            impl $crate::problem::Kind for $kind {
                const CODE: $crate::problem::Code = $crate::problem::Code {
                    name: $name,
                    status: $status,
                    title: $title,
                    cause: $cause,
                    mend: $mend,
                };
            }
        )*
    };
}

impl<K, E: Into<Problem>> From<E> for Refusal<K> {
    fn from(error: E) -> Self {
        Self(error.into(), PhantomData)
    }
}

impl<K> From<Refusal<K>> for poem::Error {
    fn from(refusal: Refusal<K>) -> Self {
        refusal.0.into()
    }
}

impl<K> fmt::Debug for Refusal<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", type_name::<Self>(), self.0)
    }
}

/// The library can show one answer per status only, so the codes travel as the names of headers; the
/// document is made to say what they mean (`document/refusals.rs`).
impl<K: Kinds> ApiResponse for Refusal<K> {
    fn meta() -> MetaResponses {
        let named = |code: &'static Code| MetaHeader {
            name: code.name.into(),
            description: None,
            required: false,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let headers = K::codes().into_iter().map(named).collect();
        // Shown, or the library would leave the schema out.
        let content =
            vec![MetaMediaType { content_type: PROBLEM_JSON, schema: ProblemDocument::schema_ref() }];
        let refused = MetaResponse { description: "", status: None, status_range: None, content, headers };
        MetaResponses { responses: vec![refused] }
    }

    fn register(registry: &mut Registry) {
        ProblemDocument::register(registry);
    }
}
