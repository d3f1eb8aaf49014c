//! A file a page.

pub(crate) mod account;
pub(crate) mod assignees;
pub(crate) mod deeds;
pub(crate) mod diary;
pub(crate) mod figures;
pub(crate) mod found;
pub(crate) mod fraud;
pub(crate) mod hand_over;
pub(crate) mod invites;
pub(crate) mod ledgers;
pub(crate) mod lists;
pub(crate) mod marks;
pub(crate) mod people;
pub(crate) mod queue;
pub(crate) mod records;
pub(crate) mod refused;
pub(crate) mod reveals;
pub(crate) mod sheet;
pub(crate) mod templates;
pub(crate) mod today;
pub(crate) mod visits;
