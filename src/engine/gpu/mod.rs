//! The count on a GPU.

pub mod batch;
pub mod device;
pub mod flights;
