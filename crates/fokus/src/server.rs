//! The verbs that open a store themselves: the server, the demo, the check, the copy, the migration; and
//! the small issuer of tokens for places that have none yet.

pub(crate) mod anchor;
pub(crate) mod check;
pub(crate) mod continuation;
pub(crate) mod copy;
pub(crate) mod demo;
pub(crate) mod flags;
pub(crate) mod guarding;
pub(crate) mod issuer;
pub(crate) mod migrate;
pub(crate) mod running;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod system;
