//! The forms of the DSL.

/// TODO
#[macro_export]
macro_rules! publisher { ($($t:tt)*) => { $crate::__private::publisher! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! subscriber { ($($t:tt)*) => { $crate::__private::subscriber! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! observe_publishers { ($($t:tt)*) => { $crate::__private::observe_publishers! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! observe_subscribers { ($($t:tt)*) => { $crate::__private::observe_subscribers! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! observe_publishers_everything { ($($t:tt)*) => { $crate::__private::observe_publishers_everything! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! observe_subscribers_everything { ($($t:tt)*) => { $crate::__private::observe_subscribers_everything! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! build_endpoint { ($($t:tt)*) => { $crate::__private::build_endpoint! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! actions { ($($t:tt)*) => { $crate::__private::actions! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! transition { ($($t:tt)*) => { $crate::__private::transition! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! transition_no_state { ($($t:tt)*) => { $crate::__private::transition_no_state! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! sequence_actions { ($($t:tt)*) => { $crate::__private::sequence_actions! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! send_message { ($($t:tt)*) => { $crate::__private::send_message! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! send_feedback { ($($t:tt)*) => { $crate::__private::send_feedback! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! at_meta_level { ($($t:tt)*) => { $crate::__private::at_meta_level! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! spawn { ($($t:tt)*) => { $crate::__private::spawn! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! spawn_continue { ($($t:tt)*) => { $crate::__private::spawn_continue! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! spawn_vm { ($($t:tt)*) => { $crate::__private::spawn_vm! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! ground_vm { ($($t:tt)*) => { $crate::__private::ground_vm! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! yield_now { ($($t:tt)*) => { $crate::__private::yield_now! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! let_fresh { ($($t:tt)*) => { $crate::__private::let_fresh! { $crate; $($t)* } } }

/// TODO
#[macro_export]
macro_rules! on_message {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(on_message)
    };
}

/// TODO
#[macro_export]
macro_rules! on_presence {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(on_presence)
    };
}

/// TODO
#[macro_export]
macro_rules! on_absence {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(on_absence)
    };
}

/// TODO
#[macro_export]
macro_rules! on_vacancy {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(on_vacancy)
    };
}

/// TODO
#[macro_export]
macro_rules! on_first_presence {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(on_first_presence)
    };
}

/// TODO
#[macro_export]
macro_rules! on_last_absence {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(on_last_absence)
    };
}

/// TODO
#[macro_export]
macro_rules! match_state {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(match_state)
    };
}

/// TODO
#[macro_export]
macro_rules! match_conversation {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(match_conversation)
    };
}

/// TODO
#[macro_export]
macro_rules! match_orientation {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(match_orientation)
    };
}

/// TODO
#[macro_export]
macro_rules! match_interest_type {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(match_interest_type)
    };
}

/// TODO
#[macro_export]
macro_rules! match_reason {
    ($($t:tt)*) => {
        $crate::__clause_elsewhere!(match_reason)
    };
}

/// A clause outside an endpoint.
#[doc(hidden)]
#[macro_export]
macro_rules! __clause_elsewhere {
    ($clause:ident) => {
        ::core::compile_error!(::core::concat!(
            "`",
            ::core::stringify!($clause),
            "!` is a clause: it stands in an endpoint form, as in `subscriber!(topic, ",
            ::core::stringify!($clause),
            "!(..))`",
        ))
    };
}
