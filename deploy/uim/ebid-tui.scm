;; uim-fep for ebid-tui: LIBUIM_USER_SCM_FILE names this file (docs/kiosk.md, docs/ssh.md).

;; The keys that switch it on and off have to be such as a terminal sends. Ctrl+\ is no key of ebid-tui's.
(require "anthy-utf8.scm")
(define-key generic-on-key? '("zenkaku-hankaku" "<Control>\\"))
(define-key generic-off-key? '("zenkaku-hankaku" "<Control>\\"))
(define-key anthy-on-key? 'generic-on-key?)
(define-key anthy-off-key? 'generic-off-key?)

;; Nothing of what is typed is learnt, neither in memory nor in ~/.anthy: the next person at this terminal is another one.
;; At a machine of one's own these two lines can go.
(require-module "anthy-utf8")
(define (anthy-utf8-lib-commit-segment . segment) #t)
