package dev.longshore.common;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What went wrong with files, in words. */
public final class FileFailures {
  private FileFailures() {}

  /** Why a file operation failed, without the file's name where that is known. */
  public static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "no such file or folder";
      case FileSystemException failure when failure.getReason() != null -> failure.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
