//! The guards themselves.

use std::{marker::PhantomData, ops::Deref, sync::Arc};

use poem::{Request, RequestBody, Result, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use super::{Gate, Permission, Principal, Role, TokenError};
use crate::problem::{Problem, codes};

/// What every guard can do: name itself in the documents, and turn a principal away or admit it.
pub trait Guard: Sized + Send + Sync + 'static {
    /// As the documents show it: a permission, `signed-in` or `public`.
    const NAME: &'static str;
    /// The roles that pass.
    const ROLES: &'static [Role];

    /// Admits the principal, or says why not.
    fn admit(principal: Principal) -> Result<Self, Problem>;
}

/// Any signed-in user.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn(pub Principal);

/// A signed-in user whose role holds the permission `P`.
#[derive(Debug)]
pub struct Can<P> {
    principal: Principal,
    permission: PhantomData<fn() -> P>,
}

/// Anyone at all; said aloud, because an operation without a guard isn't served.
#[derive(Debug, Clone, Copy)]
pub struct Public;

impl Public {
    /// As the documents show it.
    pub const NAME: &'static str = "public";
}

impl Deref for SignedIn {
    type Target = Principal;
    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl<P> Deref for Can<P> {
    type Target = Principal;
    fn deref(&self) -> &Principal {
        &self.principal
    }
}

impl Guard for SignedIn {
    const NAME: &'static str = "signed-in";
    const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];

    fn admit(principal: Principal) -> Result<Self, Problem> {
        Ok(Self(principal))
    }
}

impl<P: Permission> Guard for Can<P> {
    const NAME: &'static str = P::NAME;
    const ROLES: &'static [Role] = P::ROLES;

    fn admit(principal: Principal) -> Result<Self, Problem> {
        match P::allows(principal.role) {
            true => Ok(Self { principal, permission: PhantomData }),
            false => Err(Problem::of::<codes::Forbidden>(format!("This needs the permission {}.", P::NAME))),
        }
    }
}

/// The bearer token of a request's `Authorization` header.
fn bearer(request: &Request) -> Result<&str, TokenError> {
    let value = request.headers().get(header::AUTHORIZATION).ok_or(TokenError::Missing)?;
    let (scheme, token) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(TokenError::Invalid)?;
    match scheme.eq_ignore_ascii_case("bearer") {
        true => Ok(token.trim()),
        false => Err(TokenError::Invalid),
    }
}

async fn check<G: Guard>(request: &Request) -> Result<G> {
    let gate = request.data::<Arc<Gate>>().expect("routes.rs gives every request the gate");
    let token = bearer(request).map_err(Problem::from)?;
    let (principal, _) = gate.admit(token).await?;
    Ok(G::admit(principal)?)
}

/// One security scheme per guard; the document folds them into `bearerAuth` and `x-permission`.
fn register_scheme(name: &'static str, registry: &mut Registry) {
    let scheme = MetaSecurityScheme {
        ty: "http",
        description: None,
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("JWT"),
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(name, scheme);
}

macro_rules! extractor {
    ([$($generics:tt)*] $guard:ty) => {
        impl<'a, $($generics)*> ApiExtractor<'a> for $guard {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                register_scheme(<Self as Guard>::NAME, registry);
            }

            fn security_schemes() -> Vec<&'static str> {
                vec![<Self as Guard>::NAME]
            }

            async fn from_request(
                request: &'a Request,
                _: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> Result<Self> {
                check(request).await
            }
        }
    };
}

extractor!([] SignedIn);
extractor!([P: Permission] Can<P>);

impl<'a> ApiExtractor<'a> for Public {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_scheme(Self::NAME, registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![Self::NAME]
    }

    async fn from_request(_: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> Result<Self> {
        Ok(Self)
    }
}
